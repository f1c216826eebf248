package io.podlb.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The executable as a process, with its admin endpoint. Closing it ends it. */
final class LbProcess implements AutoCloseable {

    private static final ObjectMapper json = new ObjectMapper();

    private final Process process;
    private final List<String> prefix;
    private final String admin;
    private final Path out;
    private final Path err;

    private LbProcess(Process process, List<String> prefix, String admin, Path out, Path err) {
        this.process = process;
        this.prefix = prefix;
        this.admin = admin;
        this.out = out;
        this.err = err;
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    static String jar() {
        String jar = System.getProperty("podlb.jar", "../lb-control/target/lb.jar");
        if (!Files.isRegularFile(Path.of(jar))) {
            throw new IllegalStateException(jar + " is missing; run: mvn verify");
        }
        return jar;
    }

    /** Runs a verb to its end. */
    static Shell run(String... arguments) {
        List<String> command = new ArrayList<>(List.of(java(), "-Xmx256m", "-jar", jar()));
        command.addAll(List.of(arguments));
        return Shell.run(command);
    }

    /** Starts a verb that serves, on a free admin port. */
    static LbProcess start(String... arguments) {
        return startWith(java(), arguments);
    }

    /** The same with another JVM. */
    static LbProcess startWith(String java, String... arguments) {
        return start(List.of(), java, "127.0.0.1:" + FreePorts.next(), arguments);
    }

    /**
     * Starts a verb that serves.
     *
     * @param prefix what runs it, such as {@code ip netns exec NAME}; its admin endpoint is asked in the same way
     */
    static LbProcess start(List<String> prefix, String java, String admin, String... arguments) {
        return start(prefix, java, "-Xmx256m", admin, arguments);
    }

    /** The same with a heap of another size. */
    static LbProcess start(List<String> prefix, String java, String heap, String admin, String[] arguments) {
        try {
            List<String> command = new ArrayList<>(prefix);
            command.addAll(List.of(java, heap, "-jar", jar()));
            command.addAll(List.of(arguments));
            command.addAll(List.of("--admin", admin));
            Path out = Files.createTempFile("podlb", ".out");
            Path err = Files.createTempFile("podlb", ".err");
            Process process = new ProcessBuilder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            return new LbProcess(process, prefix, admin, out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    LbProcess awaitReady() {
        await().atMost(Duration.ofSeconds(90)) // of a busy machine
                .failFast("it ended: " + err, () -> !process.isAlive())
                .until(() -> get("/readyz").exit() == 0);
        return this;
    }

    /** Asks the admin endpoint; an HTTP error is an exit status other than 0. */
    Shell get(String path) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of("curl", "-sS", "--fail", "--max-time", "20", "http://" + admin + path));
        return Shell.run(command);
    }

    JsonNode getJson(String path) {
        Shell answer = get(path);
        if (answer.exit() != 0) {
            throw new IllegalStateException(path + ": " + answer.err());
        }
        return json.readTree(answer.out());
    }

    static JsonNode parse(String text) {
        return json.readTree(text);
    }

    /** The entry of a Service in {@code /api/v1/services}. */
    JsonNode service(String name) {
        for (JsonNode service : getJson("/api/v1/services").get("services")) {
            if (service.get("name").asString().equals(name)) {
                return service;
            }
        }
        throw new IllegalStateException("no Service " + name);
    }

    /** The front end of that kind of the first port of a Service. */
    JsonNode frontend(String service, String kind) {
        for (JsonNode frontend : service(service).get("ports").get(0).get("frontends")) {
            if (frontend.get("kind").asString().equals(kind)) {
                return frontend;
            }
        }
        throw new IllegalStateException("no front end " + kind + " of " + service);
    }

    /** Where a front end is bound; empty while it is not. */
    String bound(String service, String kind) {
        JsonNode bound = frontend(service, kind).get("bound");
        return bound == null || bound.isNull() ? "" : bound.asString();
    }

    String stdout() {
        return text(out);
    }

    String stderr() {
        return text(err);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Sends SIGTERM. */
    void terminate() {
        process.destroy();
    }

    /** Sends SIGKILL and waits until it is gone. */
    void kill() {
        process.destroyForcibly();
        awaitExit();
    }

    int awaitExit() {
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("still running after 30 s: " + stderr());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(1, TimeUnit.SECONDS)) {
                process.destroy(); // a second signal ends the drain, and still takes the routes away
            }
            if (!process.waitFor(15, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            Files.deleteIfExists(out);
            Files.deleteIfExists(err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
