package io.podlb.control.source;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * Which files of a folder are manifests: {@code *.yaml}, {@code *.yml} and {@code *.json} by name, as {@code kubectl -f}
 * has it, so subfolders are not entered. Hidden files and what editors leave behind are none; links are followed.
 */
final class ManifestFolder {

    private static final List<String> ENDINGS = List.of(".yaml", ".yml", ".json");

    private ManifestFolder() {}

    static List<Path> list(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, entry -> isManifest(nameOf(entry)))) {
            for (Path entry : entries) {
                if (!Files.isDirectory(entry)) {
                    files.add(entry);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        Collections.sort(files);
        return files;
    }

    private static String nameOf(Path entry) {
        return String.valueOf(entry.getFileName());
    }

    private static boolean isManifest(String name) {
        boolean leftover = name.startsWith(".") || name.startsWith("#") || name.startsWith("~");
        return !leftover && ENDINGS.stream().anyMatch(name.toLowerCase(Locale.ROOT)::endsWith);
    }
}
