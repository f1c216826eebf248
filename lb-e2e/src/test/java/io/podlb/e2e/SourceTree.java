package io.podlb.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The Java sources of all modules, looked at as text: the test classes of other modules are not all on the class path. */
final class SourceTree {

    private static final Path ROOT = Path.of("..");
    private static final List<String> MODULES = List.of("lb-server", "lb-control", "lb-e2e");

    /** Those under {@code src/test} or {@code src/main}. */
    enum Part {
        TEST,
        MAIN
    }

    private final List<Path> tests = files("test");
    private final List<Path> mains = files("main");

    /**
     * The text of a class.
     *
     * @param name the last part of its package and its own name, as in {@code translate.FrontendRulesTest}
     * @return null if there is no such class, or more than one
     */
    @Nullable
    String text(Part part, String name) {
        Path end = Path.of(name.replace('.', '/') + ".java");
        List<Path> found = (part == Part.TEST ? tests : mains)
                .stream().filter(file -> file.endsWith(end)).toList();
        return found.size() == 1 ? read(found.get(0)) : null;
    }

    /** A test method with all that belongs to it, from its Javadoc to its closing brace; null if there is none. */
    @Nullable
    static String testMethod(String text, String method) {
        Matcher name = Pattern.compile("^    void " + method + "\\(", Pattern.MULTILINE)
                .matcher(text);
        if (!name.find()) {
            return null;
        }
        int begin = text.lastIndexOf("\n\n", name.start());
        int end = text.indexOf("\n    }\n", name.end());
        String whole = text.substring(begin + 2, end);
        return whole.contains("@Test") || whole.contains("@ParameterizedTest") ? whole : null;
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String readme() {
        return read(ROOT.resolve("README.md"));
    }

    private static List<Path> files(String part) {
        return MODULES.stream()
                .map(module -> ROOT.resolve(module).resolve("src").resolve(part).resolve("java"))
                .filter(Files::isDirectory)
                .flatMap(SourceTree::javaFiles)
                .toList();
    }

    private static Stream<Path> javaFiles(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
