package io.podlb.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A main class of these tests in a process of its own, in a namespace if need be. It is told through a pipe, line by
 * line, so that nothing but what is tested crosses the network, and ends with its standard input.
 */
final class ChildJvm implements AutoCloseable {

    private final Process process;
    private final PrintStream in;
    private final BufferedReader out;

    private ChildJvm(Process process) {
        this.process = process;
        this.in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        this.out = process.inputReader(StandardCharsets.UTF_8);
    }

    /**
     * Starts one.
     *
     * @param prefix what runs a command in the namespace
     * @param flags of the JVM
     */
    static ChildJvm start(List<String> prefix, List<String> flags, Class<?> main, List<String> arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
        try {
            return new ChildJvm(new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tells it something and waits for its answer. */
    String ask(String line) {
        in.println(line);
        return answer();
    }

    /** The next line that it says. */
    String answer() {
        try {
            String line = out.readLine();
            if (line == null) {
                throw new IllegalStateException(process.info().command().orElse("the process") + " has ended");
            }
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends its input; what it has still to say, until it ends. */
    Stream<String> lastWords() {
        in.close();
        return out.lines();
    }

    @Override
    public void close() {
        in.close();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
