package io.podlb.control.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * By what a change of a file is noticed. Links are followed, so a mounted ConfigMap changes when its data folder is
 * exchanged.
 *
 * @param key of the file in its file system: another one after a rename over it; null where there is no such thing
 * @param trouble why the file cannot be looked at; null if it can
 */
record FileSignature(
        long size,
        @Nullable FileTime modified,
        @Nullable Object key,
        @Nullable String trouble) {

    static FileSignature of(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new FileSignature(attributes.size(), attributes.lastModifiedTime(), attributes.fileKey(), null);
        } catch (IOException e) {
            return new FileSignature(
                    0, null, null, ManifestText.refused(file, e).message());
        }
    }
}
