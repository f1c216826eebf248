package io.podlb.e2e;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Clients in a namespace that make new connections without a pause until they are told to stop. One thread. */
final class LoadClient implements AutoCloseable {

    private final ChildJvm jvm;

    private LoadClient(ChildJvm jvm) {
        this.jvm = jvm;
    }

    /**
     * Starts them.
     *
     * @param prefix what runs a command in the namespace
     * @param addresses each client goes round all of them
     */
    static LoadClient start(List<String> prefix, int clients, List<String> addresses) {
        List<String> arguments = new ArrayList<>(List.of(Integer.toString(clients)));
        arguments.addAll(addresses);
        return new LoadClient(ChildJvm.start(prefix, List.of("-Xmx128m"), LoadClientMain.class, arguments));
    }

    /** Waits until they have made so many more requests. */
    void awaitMore(int requests) {
        long target = count() + requests;
        await().atMost(Duration.ofSeconds(60)).until(() -> count() >= target);
    }

    private long count() {
        return Long.parseLong(jvm.ask("count"));
    }

    /** Stops them and tells what became of their requests. */
    List<Outcome> stop() {
        return jvm.lastWords().map(Outcome::parse).toList();
    }

    @Override
    public void close() {
        jvm.close();
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
