package io.podlb.e2e;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Follows the steps of a Dockerfile without an engine: each stage is a folder, COPY copies from the context that
 * {@code .dockerignore} leaves or from another stage, RUN runs here, in the folder that stands for the working directory,
 * with the newest Java that lies beside the one of this test, which is next to that of the image. Base images are empty, and commands of the package manager are noted, not run.
 */
final class ImageBuild {

    private final Path java; // its home
    private final Path context;
    private final Path folder;
    private final List<String> ignored;
    private final Map<String, Path> stages = new LinkedHashMap<>();
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final List<String> packageSteps = new ArrayList<>();
    private Path root;
    private Path directory;

    private ImageBuild(Path context, Path folder) throws IOException {
        this.java = newestJava();
        this.context = context;
        this.folder = folder;
        this.ignored = lines(context.resolve(".dockerignore"));
        this.root = folder;
        this.directory = folder;
    }

    /** Builds in an empty folder. */
    static ImageBuild follow(Path dockerfile, Path context, Path folder) throws IOException {
        ImageBuild build = new ImageBuild(context.toRealPath(), folder);
        for (String line : lines(dockerfile)) {
            String[] words = line.split("\\s+", 2);
            build.step(words[0], words[1]);
        }
        return build;
    }

    /** The folder of the command {@code java}. */
    Path javaCommands() {
        return java.resolve("bin");
    }

    private static Path newestJava() throws IOException {
        Path running = Path.of(System.getProperty("java.home"));
        try (Stream<Path> beside = Files.list(running.getParent())) {
            return beside.filter(home -> Files.isExecutable(home.resolve("bin/java")))
                    .max(Comparator.comparing(ImageBuild::version))
                    .orElse(running);
        }
    }

    /** That of an unknown one is the lowest. */
    private static Runtime.Version version(Path home) {
        try {
            return lines(home.resolve("release")).stream()
                    .filter(line -> line.startsWith("JAVA_VERSION="))
                    .map(line -> Runtime.Version.parse(line.replaceAll("JAVA_VERSION=|\"", "")))
                    .findFirst()
                    .orElse(Runtime.Version.parse("1"));
        } catch (IOException | IllegalArgumentException e) {
            return Runtime.Version.parse("1"); // no JDK that says what it is
        }
    }

    /** The root of the image. */
    Path root() {
        return root;
    }

    /** What an instruction says that is no step, such as ENTRYPOINT; of the last stage. */
    String setting(String instruction) {
        String value = settings.get(instruction);
        if (value == null) {
            throw new IllegalStateException("the Dockerfile has no " + instruction);
        }
        return value;
    }

    /** Commands of the package manager in the last stage. */
    List<String> packageSteps() {
        return List.copyOf(packageSteps);
    }

    private void step(String instruction, String rest) throws IOException {
        List<String> words = new ArrayList<>(List.of(rest.split("\\s+")));
        Map<String, String> flags = new LinkedHashMap<>();
        if (Set.of("FROM", "COPY", "RUN").contains(instruction)) {
            while (words.get(0).startsWith("--")) {
                String[] flag = words.remove(0).substring(2).split("=", 2);
                flags.put(flag[0], flag[1]);
            }
        }
        switch (instruction) {
            case "FROM" -> from(words);
            case "WORKDIR" -> directory = Files.createDirectories(inside(words.get(0)));
            case "COPY" -> copy(words, flags);
            case "RUN" -> run(String.join(" ", words));
            case "USER", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD" -> settings.put(instruction, rest);
            default -> throw new IllegalStateException("unknown instruction " + instruction);
        }
    }

    private void from(List<String> words) throws IOException {
        String name = words.size() == 3 ? words.get(2) : "";
        root = Files.createDirectory(folder.resolve("stage" + stages.size()));
        directory = root;
        stages.put(name, root);
        settings.clear();
        packageSteps.clear();
    }

    private void run(String command) {
        if (command.startsWith("apt-get ")) {
            packageSteps.add(command);
            return;
        }
        Shell result = Shell.run(
                List.of("bash", "-ec", "PATH='" + javaCommands() + "':$PATH; cd '" + directory + "'; " + command), 300);
        if (result.exit() != 0) {
            throw new IllegalStateException("RUN " + command + ": " + result.out() + result.err());
        }
    }

    private void copy(List<String> words, Map<String, String> flags) throws IOException {
        String target = words.get(words.size() - 1);
        String stage = flags.get("from");
        for (String source : words.subList(0, words.size() - 1)) {
            Path from = (stage == null ? context : stages.get(stage))
                    .resolve(source.replaceFirst("^/", ""))
                    .normalize();
            List<Path> files = files(from, stage == null);
            if (files.isEmpty()) {
                throw new IllegalStateException(
                        "COPY " + source + ": there is no such thing, or .dockerignore hides it");
            }
            for (Path file : files) {
                Path to = target.endsWith("/") && file.equals(from)
                        ? inside(target).resolve(file.getFileName())
                        : inside(target).resolve(from.relativize(file)).normalize();
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
                if (flags.containsKey("chmod")) {
                    Files.setPosixFilePermissions(to, permissions(flags.get("chmod")));
                }
            }
        }
    }

    private List<Path> files(Path from, boolean ofContext) throws IOException {
        List<Path> files = new ArrayList<>();
        if (!Files.exists(from)) {
            return files;
        }
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
                return path.endsWith(".git") || path.endsWith("target") && ofContext
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
                if (!ofContext || !hidden(context.relativize(path))) {
                    files.add(path);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return files;
    }

    /** The last pattern that fits the file or a folder above it decides. */
    private boolean hidden(Path file) {
        boolean hidden = false;
        for (String line : ignored) {
            boolean shows = line.startsWith("!");
            var pattern = FileSystems.getDefault().getPathMatcher("glob:" + (shows ? line.substring(1) : line));
            for (Path path = file; path != null; path = path.getParent()) {
                if (pattern.matches(path)) {
                    hidden = !shows;
                }
            }
        }
        return hidden;
    }

    private Path inside(String path) {
        return path.startsWith("/") ? root.resolve(path.substring(1)) : directory.resolve(path);
    }

    private static Set<PosixFilePermission> permissions(String octal) {
        int bits = Integer.parseInt(octal, 8);
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (PosixFilePermission permission : PosixFilePermission.values()) {
            if ((bits & 0400 >> permission.ordinal()) != 0) {
                permissions.add(permission);
            }
        }
        return permissions;
    }

    /** Without comments, continued lines joined. */
    private static List<String> lines(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            String text = String.join(
                    "\n", lines.filter(line -> !line.startsWith("#")).toList());
            return text.replaceAll("\\\\\n\\s*", "")
                    .lines()
                    .filter(line -> !line.isBlank())
                    .toList();
        }
    }
}
