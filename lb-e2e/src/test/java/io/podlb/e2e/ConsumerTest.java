package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The test kit from outside: Maven builds another project, {@code src/test/consumer}, whose only dependency is the kit as
 * it is installed. Nothing of podlb gets into the local repository of whoever runs this: a temporary one has its own
 * {@code io/podlb} and refers to his for the rest.
 */
class ConsumerTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final List<String> MODULES = List.of("lb-server", "lb-control", "lb-e2e");
    private static final int PATIENCE_SECONDS = 300; // for a first run, which may download
    private static final Pattern SEED = Pattern.compile("-Dpodlb\\.seed=(-?[0-9]+)");

    @TempDir
    private static Path folder;

    private static Path project;
    private static Path repository;
    private static String version;

    @BeforeAll
    static void install() throws Exception {
        project = folder.resolve("shop");
        copyTree(Path.of("src", "test", "consumer").toAbsolutePath(), project);
        repository = folder.resolve("repository");
        Path users =
                Path.of(System.getProperty("localRepository", System.getProperty("user.home") + "/.m2/repository"));
        refer(repository, users);
        Files.delete(repository.resolve("io"));
        refer(repository.resolve("io"), users.resolve("io"));
        Path podlb = repository.resolve("io").resolve("podlb");
        Files.deleteIfExists(podlb); // a link to one that was really installed
        version = XPathFactory.newInstance()
                .newXPath()
                .evaluate(
                        "/project/version",
                        DocumentBuilderFactory.newInstance()
                                .newDocumentBuilder()
                                .parse(ROOT.resolve("pom.xml").toFile()));
        install(podlb, "podlb", ROOT.resolve("pom.xml"), ".pom");
        for (String module : MODULES) {
            Path built = ROOT.resolve(module);
            install(podlb, module, built.resolve("pom.xml"), ".pom");
            install(podlb, module, built.resolve("target").resolve(module + "-" + version + ".jar"), ".jar");
        }
    }

    /** The links first: JUnit warns of each one that it finds in a temporary folder. */
    @AfterAll
    static void unlink() throws IOException {
        for (Path links : List.of(repository.resolve("io"), repository)) {
            try (Stream<Path> entries = Files.list(links)) {
                for (Path entry : entries.filter(Files::isSymbolicLink).toList()) {
                    Files.delete(entry);
                }
            }
        }
    }

    /** As {@code mvn install} lays files out. */
    private static void install(Path podlb, String artifact, Path file, String ending) throws IOException {
        Path place = Files.createDirectories(podlb.resolve(artifact).resolve(version));
        Files.copy(file, place.resolve(artifact + "-" + version + ending));
    }

    private static void refer(Path folder, Path other) throws IOException {
        Files.createDirectories(folder);
        try (Stream<Path> entries = Files.list(other)) {
            for (Path entry : entries.toList()) {
                Files.createSymbolicLink(folder.resolve(entry.getFileName()), entry);
            }
        }
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private static Shell maven(String... arguments) {
        List<String> command = new ArrayList<>(List.of("mvn", "--batch-mode", "--no-transfer-progress"));
        command.addAll(List.of("-f", project.resolve("pom.xml").toString()));
        command.addAll(List.of("-Dmaven.repo.local=" + repository, "-Dpodlb.version=" + version));
        command.addAll(List.of(arguments));
        return Shell.run(command, PATIENCE_SECONDS);
    }

    private static String report(String ending) {
        try {
            return Files.readString(project.resolve(
                    Path.of("target", "podlb", "com.example.shop.ExpectsTooMuch.oneClientStaysOnOnePod" + ending)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Names of all; those of the other test are among them if it came before. */
    private static List<String> reports() {
        String[] names = project.resolve(Path.of("target", "podlb")).toFile().list();
        return names == null ? List.of() : List.of(names);
    }

    /** Which Pod each connection got, in the order that they came. */
    private static List<String> pods(String report) {
        return Pattern.compile("^default/web:80 #.*?-> (\\S+)", Pattern.MULTILINE)
                .matcher(report)
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    @Test
    void aProjectWithNothingButTheKitHasItsTests() {
        Shell run = maven("test");
        assertThat(run.exit()).as(run.out() + run.err()).isZero();
        assertThat(run.out()).contains("Tests run: 7, Failures: 0, Errors: 0, Skipped: 0");
        assertThat(reports())
                .as("reports of tests that passed")
                .noneMatch(name -> name.startsWith("com.example.shop.CheckoutTest"));
    }

    @Test
    void aTestOfThatProjectFailsWithWhatIsNeededToSeeWhyAndToRepeatIt() {
        Shell run = maven("test", "-Dtest=ExpectsTooMuch");
        assertThat(run.exit()).as(run.out() + run.err()).isEqualTo(1);
        String output = run.out() + run.err();
        assertThat(output)
                .contains(
                        "[a shopping cart lives in one Pod] Service default/web: "
                                + "expected all of 20 connections on one Pod, but they are on web-",
                        "POD",
                        "CONNECTIONS")
                .contains("com.example.shop.ExpectsTooMuch.oneClientStaysOnOnePod failed; run it again");
        String report = report(".txt");
        Matcher seed = SEED.matcher(report);
        assertThat(seed.find()).as(report).isTrue();
        assertThat(output).contains("-Dpodlb.seed=" + seed.group(1));
        assertThat(report(".svg")).contains("<svg");
        assertThat(report(".json")).contains("\"service\" : \"web\"");

        maven("test", "-Dtest=ExpectsTooMuch", seed.group());
        assertThat(pods(report(".txt"))).hasSize(20).isEqualTo(pods(report));
    }
}
