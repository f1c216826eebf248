package io.podlb.e2e.bench;

import io.podlb.e2e.Shell;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * A client of a proxy, on the core and in the namespace of clients. One that is a main class of this package answers each
 * line it is sent by one line of JSON, and ends with its input.
 */
final class Client implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final BufferedReader out;

    private Client(Process process) {
        this.process = process;
        this.out = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Starts a main class of this package. */
    static Client start(Proxy proxy, Class<?> main, Object... arguments) {
        try {
            return new Client(new ProcessBuilder(command(proxy, javaCommand(main, arguments)))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The command of a main class of this package. */
    static List<String> javaCommand(Class<?> main, Object... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m", "-XX:+UseSerialGC"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return command;
    }

    /** Runs a client to its end and gives its output. */
    static String run(Proxy proxy, List<String> command, int seconds) {
        Shell result = Shell.run(command(proxy, command), seconds);
        if (result.exit() != 0) {
            throw new IllegalStateException(proxy.name() + ": " + String.join(" ", command) + ": exit " + result.exit()
                    + ": " + result.err() + result.out());
        }
        return result.out();
    }

    private static List<String> command(Proxy proxy, List<String> command) {
        List<String> all = new ArrayList<>(proxy.client());
        all.addAll(Running.pinned(CpuTime.OTHER_CORES, command));
        return all;
    }

    /** Sends a line and waits for the answer. */
    JsonNode ask(String line) {
        try {
            process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
            String answer = out.readLine();
            if (answer == null) {
                throw new IllegalStateException("the client ended instead of answering: " + line);
            }
            return JSON.readTree(answer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
