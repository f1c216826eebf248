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
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * A client in a namespace that asks one DNS question after the other, all from one port: one flow for podlb. It asks on
 * until it is closed.
 */
final class DnsStream implements AutoCloseable {

    private final Process process;
    private final PrintStream in;
    private final BufferedReader out;

    /**
     * What happened since the last count.
     *
     * @param lost questions without an answer, although there was time for one
     * @param refused questions that met with "port unreachable"
     * @param pods who answered
     */
    record Count(int answered, int lost, int refused, Set<String> pods) {}

    private DnsStream(Process process) {
        this.process = process;
        this.in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        this.out = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Starts one. */
    static DnsStream start(List<String> prefix, String address, int port) {
        try {
            List<String> command = new ArrayList<>(prefix);
            command.addAll(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx64m",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    DnsStreamMain.class.getName(),
                    address,
                    Integer.toString(port)));
            return new DnsStream(new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the count and begins another one; between them, every answer has had time to come. */
    Count count() {
        in.println("count");
        try {
            String line = out.readLine();
            if (line == null) {
                throw new IllegalStateException("the client has ended");
            }
            String[] words = line.split(" ");
            return new Count(
                    Integer.parseInt(words[0]),
                    Integer.parseInt(words[1]),
                    Integer.parseInt(words[2]),
                    new TreeSet<>(List.of(words).subList(3, words.length)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The sum of counts until this many were answered. */
    Count count(int answers) {
        Count[] sum = {new Count(0, 0, 0, Set.of())};
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            Count more = count();
            Set<String> pods = new TreeSet<>(sum[0].pods);
            pods.addAll(more.pods);
            sum[0] = new Count(
                    sum[0].answered + more.answered, sum[0].lost + more.lost, sum[0].refused + more.refused, pods);
            return sum[0].answered >= answers;
        });
        return sum[0];
    }

    /** The Pod that answers now. */
    String pod() {
        Set<String> pods = count(20).pods;
        if (pods.size() != 1) {
            throw new IllegalStateException("answered by " + pods);
        }
        return pods.iterator().next();
    }

    @Override
    public void close() {
        in.close(); // it ends with its standard input
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
