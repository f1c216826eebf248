package io.podlb.control.source;

import io.podlb.control.cluster.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** The text of a file: a regular file of bounded size, in UTF-8, without control characters. */
final class ManifestText {

    /** 10 000 Services of 10 endpoints each are about 20 MB. */
    static final int MAX_FILE_BYTES = 32 << 20;

    private static final int DECODED_AT_ONCE = 8192;

    private ManifestText() {}

    /** Reads a file whose kind and size are looked at before it is opened. */
    static String read(Path file) throws RefusedException {
        byte[] bytes;
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (!attributes.isRegularFile()) {
                throw new RefusedException("is no regular file", "name a file or a folder");
            }
            requireSize(attributes.size());
            try (InputStream in = Files.newInputStream(file)) {
                bytes = in.readNBytes(MAX_FILE_BYTES + 1);
            }
        } catch (IOException e) {
            throw refused(file, e);
        }
        requireSize(bytes.length);
        return decode(bytes);
    }

    /** Why a path cannot be read, in words. */
    static RefusedException refused(Path path, IOException reason) {
        if (reason instanceof NoSuchFileException) {
            // The entry itself may be there: a link that leads nowhere.
            return Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                    ? new RefusedException("is a link that leads nowhere", "mend or remove it")
                    : new RefusedException("no such file or folder", "check the path");
        }
        if (reason instanceof AccessDeniedException) {
            return new RefusedException("may not be read (permission denied)", "make it readable for this user");
        }
        String detail = reason instanceof FileSystemException failed ? failed.getReason() : reason.getMessage();
        return new RefusedException(
                "cannot be read (" + (detail == null ? reason.getClass().getSimpleName() : detail) + ")",
                "make it readable");
    }

    private static void requireSize(long bytes) throws RefusedException {
        if (bytes > MAX_FILE_BYTES) {
            throw new RefusedException(
                    "has more than the " + (MAX_FILE_BYTES >> 20) + " MiB that one file may have", "split it");
        }
    }

    private static String decode(byte[] bytes) throws RefusedException {
        if (startsWith(bytes, 0xfe, 0xff) || startsWith(bytes, 0xff, 0xfe)) {
            throw new RefusedException("is UTF-16", "save it as UTF-8");
        }
        requireUtf8(bytes);
        int skipped = startsWith(bytes, 0xef, 0xbb, 0xbf) ? 3 : 0;
        String text = new String(bytes, skipped, bytes.length - skipped, StandardCharsets.UTF_8);
        requirePrintable(text);
        return text;
    }

    private static boolean startsWith(byte[] bytes, int... prefix) {
        for (int i = 0; i < prefix.length; i++) {
            if (i >= bytes.length || (bytes[i] & 0xff) != prefix[i]) {
                return false;
            }
        }
        return true;
    }

    private static void requireUtf8(byte[] bytes) throws RefusedException {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(DECODED_AT_ONCE);
        CoderResult result;
        do {
            result = decoder.decode(in, out.clear(), true);
        } while (result.isOverflow());
        if (result.isError()) {
            throw new RefusedException("byte " + in.position() + " is not UTF-8", "save it as UTF-8");
        }
    }

    private static void requirePrintable(String text) throws RefusedException {
        int line = 1;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n') {
                line++;
            } else if (c < 0x20 && c != '\t' && c != '\r' || c >= 0x7f && c < 0xa0 && c != 0x85 || c >= 0xfffe) {
                throw new RefusedException(
                        "line " + line + ": control character " + Problem.shown(String.valueOf(c)), "remove it");
            }
        }
    }
}
