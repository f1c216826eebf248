package io.podlb.e2e;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Clients in a namespace that make new connections without a pause until they are told to stop. One thread. */
final class LoadClient implements AutoCloseable {

    private final Process process;
    private final PrintStream in;
    private final BufferedReader out;

    private LoadClient(Process process) {
        this.process = process;
        this.in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        this.out = process.inputReader(StandardCharsets.UTF_8);
    }

    /**
     * Starts them.
     *
     * @param prefix what runs a command in the namespace
     * @param addresses each client goes round all of them
     */
    static LoadClient start(List<String> prefix, int clients, List<String> addresses) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                LoadClientMain.class.getName(),
                Integer.toString(clients)));
        command.addAll(addresses);
        try {
            return new LoadClient(new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until they have made so many more requests. */
    void awaitMore(int requests) {
        long target = count() + requests;
        await().atMost(Duration.ofSeconds(60)).until(() -> count() >= target);
    }

    private long count() {
        in.println("count");
        try {
            return Long.parseLong(out.readLine());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops them and tells what became of their requests. */
    List<Outcome> stop() {
        in.close();
        return out.lines().map(Outcome::parse).toList();
    }

    @Override
    public void close() {
        in.close(); // it ends with its standard input
        process.destroy();
    }

    /**
     * What some requests had in common.
     *
     * @param count how many there were
     * @param answer who answered, or "failed" and the reason
     */
    record Outcome(long count, String address, String answer) {

        private static Outcome parse(String line) {
            String[] words = line.split(" ", 3);
            return new Outcome(Long.parseLong(words[0]), words[1], words[2]);
        }

        boolean failed() {
            return answer.startsWith("failed");
        }
    }

    /** Who answered at that address. */
    static Set<String> answers(List<Outcome> outcomes, String address) {
        return outcomes.stream()
                .filter(outcome -> outcome.address().equals(address))
                .map(Outcome::answer)
                .collect(Collectors.toSet());
    }
}
