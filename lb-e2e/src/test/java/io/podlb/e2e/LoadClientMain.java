package io.podlb.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * The process of {@link LoadClient}. It is given a number of clients and addresses; each client makes one request after
 * the other without a pause, each on a new connection, and goes round the addresses. The line "count" on standard input
 * is answered by the number of requests so far; the end of the input by a line for each outcome: how often, the address,
 * and who answered or "failed" with the reason.
 */
final class LoadClientMain {

    private final List<String> addresses;
    private final Map<String, LongAdder> outcomes = new ConcurrentSkipListMap<>();
    private volatile boolean stopped;

    private LoadClientMain(List<String> addresses) {
        this.addresses = addresses;
    }

    public static void main(String[] arguments) throws Exception {
        LoadClientMain load = new LoadClientMain(List.of(arguments).subList(1, arguments.length));
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(arguments[0]); i++) {
            int first = i;
            clients.add(new Thread(() -> load.request(first), "client-" + i));
        }
        clients.forEach(Thread::start);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (in.readLine() != null) {
            System.out.println(
                    load.outcomes.values().stream().mapToLong(LongAdder::sum).sum());
        }
        load.stopped = true;
        for (Thread client : clients) {
            client.join();
        }
        load.outcomes.forEach((outcome, count) -> System.out.println(count.sum() + " " + outcome));
    }

    private void request(int first) {
        for (int i = first; !stopped; i++) {
            String address = addresses.get(i % addresses.size());
            String outcome;
            try {
                outcome = Http.get(address);
            } catch (IOException e) {
                outcome = "failed " + e.toString().replace('\n', ' ');
            }
            outcomes.computeIfAbsent(address + " " + outcome, any -> new LongAdder())
                    .increment();
        }
    }
}
