package io.podlb.control.source;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Files that want to do harm, and a process of little memory that reads them. */
final class HostileCorpus {

    private HostileCorpus() {}

    /** Reads every file of a folder by itself and prints its name and its problems. */
    public static void main(String[] args) throws IOException {
        List<Path> files;
        try (Stream<Path> listed = Files.list(Path.of(args[0]))) {
            files = listed.sorted().toList();
        }
        for (Path file : files) {
            ManifestReader.read(List.of(file)).problems().forEach(System.out::println);
        }
    }

    /** Writes the corpus and returns, per file, a part of the one line that each must give. */
    static Map<String, String> write(Path folder) throws IOException {
        Map<String, String> expected = new LinkedHashMap<>();
        text(folder, expected, "alias-bomb.yaml", aliasBomb(), "has more than 50 aliases");
        text(folder, expected, "alias-wide.yaml", wideAliases(), " values; split it");
        text(folder, expected, "markers.yaml", "---\n".repeat(3_000_000), "has more than 200000 documents; split it");
        text(folder, expected, "cycle.yaml", "a: &a\n  b: *a\n", "*a stands inside of what it refers to");
        text(folder, expected, "merge-cycle.yaml", "a: &a\n  <<: *a\n", "*a stands inside of what it refers to");
        text(folder, expected, "no-anchor.yaml", "a: *b\n", "*b refers to no anchor");
        text(folder, expected, "tag-class.yaml", "!!javax.script.ScriptEngineManager [a]\n", "is not allowed");
        text(folder, expected, "tag-local.yaml", "a: !include /etc/passwd\n", "tag \"!include\" is not allowed");
        text(folder, expected, "tag-binary.yaml", "a: !!binary AAAA\n", "is not allowed");
        text(folder, expected, "deep-flow.yaml", "a: " + "[".repeat(10_000), "nested deeper than 64");
        text(folder, expected, "deep-map.yaml", "{a: ".repeat(10_000), "nested deeper than 64");
        text(folder, expected, "deep-block.yaml", "- ".repeat(10_000) + "a", "nested deeper than 64");
        text(folder, expected, "deep.json", "{\"a\":".repeat(10_000), "is no JSON: ");
        text(folder, expected, "deep-list.json", "[".repeat(10_000), "is no JSON: ");
        text(folder, expected, "twice.yaml", "a: 1\na: 2\n", "field \"a\" is there twice");
        text(folder, expected, "twice.json", "{\"a\": 1, \"a\": 2}", "is no JSON: Duplicate");
        text(folder, expected, "nul.yaml", "a: \0\n", "control character \"\\u0000\"");
        text(folder, expected, "escape.yaml", "a: \u001b[31m\n", "control character \"\\u001b\"");
        text(folder, expected, "complex-key.yaml", "? [a, b]\n: c\n", "cannot be the name of a field");
        text(folder, expected, "garbage.yaml", "%@`\n---\n\"", "is no YAML");
        text(folder, expected, "numbers.yaml", "a: " + "9".repeat(1_000_000) + "\n", "kind: is missing");
        text(folder, expected, "number.json", "{\"a\": " + "9".repeat(1_000_000) + "}", "is no JSON: Number");
        text(folder, expected, "nodes.yaml", "a:\n" + "- {}\n".repeat(3_000_000), " values; split it");
        text(folder, expected, "nodes.json", "[" + "{},".repeat(3_000_000) + "{}]", "is no JSON: Token count");
        bytes(folder, expected, "latin1.yaml", new byte[] {'a', ':', ' ', (byte) 0xe9, '\n'}, "byte 3 is not UTF-8");
        bytes(folder, expected, "cut.yaml", new byte[] {'a', ':', ' ', (byte) 0xc3}, "byte 3 is not UTF-8");
        bytes(folder, expected, "utf16.yaml", "\ufeffa: b".getBytes(StandardCharsets.UTF_16LE), "is UTF-16");
        scalar(folder, expected, "plain.yaml", "a: ", "x ");
        scalar(folder, expected, "quoted.yaml", "a: \"", "x");
        scalar(folder, expected, "literal.yaml", "a: |\n", " x\n");
        scalar(folder, expected, "comment.yaml", "a: 1\n", "# x\n");
        expected.put("scalar.json", "is no JSON: String");
        Files.writeString(folder.resolve("scalar.json"), "{\"a\": \"" + "x".repeat(31 << 20) + "\"}");
        expected.put("huge.yaml", "has more than the 32 MiB");
        try (RandomAccessFile huge =
                new RandomAccessFile(folder.resolve("huge.yaml").toFile(), "rw")) {
            huge.setLength(400L << 20);
        }
        return expected;
    }

    private static String aliasBomb() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 10; i++) {
            String alias = "*a" + (i - 1);
            bomb.append("a" + i + ": &a" + i + " [")
                    .append((alias + ", ").repeat(9))
                    .append(alias)
                    .append("]\n");
        }
        return bomb.toString();
    }

    private static String wideAliases() {
        return "a: &a [" + "x, ".repeat(200_000) + "x]\nb: [" + "*a, ".repeat(40) + "*a]\n";
    }

    private static void scalar(Path folder, Map<String, String> expected, String name, String head, String piece)
            throws IOException {
        expected.put(name, "a value or comment has more than 2 Mi characters");
        byte[] block = piece.repeat(1 << 18).getBytes(StandardCharsets.UTF_8);
        try (OutputStream out = Files.newOutputStream(folder.resolve(name))) {
            out.write(head.getBytes(StandardCharsets.UTF_8));
            for (int size = block.length; size < 31 << 20; size += block.length) {
                out.write(block);
            }
        }
    }

    private static void text(Path folder, Map<String, String> expected, String name, String text, String line)
            throws IOException {
        bytes(folder, expected, name, text.getBytes(StandardCharsets.UTF_8), line);
    }

    private static void bytes(Path folder, Map<String, String> expected, String name, byte[] content, String line)
            throws IOException {
        expected.put(name, line);
        Files.write(folder.resolve(name), content);
    }
}
