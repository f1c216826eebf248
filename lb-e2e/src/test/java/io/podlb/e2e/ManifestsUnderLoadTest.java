package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever becomes of a manifest while clients come without a pause, none of them fails. */
@Timeout(120)
class ManifestsUnderLoadTest {

    private static final String SERVICE = "my-webapp-clusterip";
    private static final String FILE = "web.yaml";

    @TempDir
    Path folder;

    /** Clients that come one after the other until it is closed. */
    private static final class Load implements AutoCloseable {

        private final AtomicLong answered = new AtomicLong();
        private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        private final Set<String> pods = ConcurrentHashMap.newKeySet();
        private final List<Thread> threads = new ArrayList<>();
        private volatile boolean over;

        Load(String address, int clients) {
            for (int i = 0; i < clients; i++) {
                Thread thread = new Thread(() -> ask(address), "client " + i);
                threads.add(thread);
                thread.start();
            }
        }

        private void ask(String address) {
            while (!over) {
                try {
                    pods.add(Http.get(address));
                    answered.incrementAndGet();
                } catch (IOException e) {
                    failures.add(e);
                }
            }
        }

        /** Waits for so many answers more, so that what was done before is past. */
        void goOn(int more) {
            long until = answered.get() + more;
            await().atMost(Duration.ofSeconds(30)).until(() -> answered.get() >= until);
        }

        @Override
        public void close() throws InterruptedException {
            over = true;
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }

    /** Written in place, as an editor or a copy does it, with a reader between the halves. */
    private void overwrite(String text) throws IOException {
        Files.writeString(folder.resolve(FILE), text);
    }

    private static String problems(LbProcess lb) {
        return lb.getJson("/api/v1/services").get("problems").toString();
    }

    private static void awaitProblem(LbProcess lb, String what) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(problems(lb)).contains(what));
    }

    private static void awaitNoProblem(LbProcess lb) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(problems(lb)).doesNotContain(FILE));
    }

    @Test
    void noClientNoticesThatAManifestIsBrokenCutOrTakenOutOfTheMiddle() throws Exception {
        String good = Manifests.myWebapp();
        Manifests manifests = new Manifests(folder).write(FILE, good);
        try (LbProcess lb = LbProcess.start(
                "run", "-f", folder.toString(), "--simulate-pods", "--node-port-addresses", "127.0.0.0/8")) {
            lb.awaitReady();
            Load load = new Load(lb.bound(SERVICE, "ClusterIP"), 4);
            try (load) {
                overwrite(good.replace("nodePort: 30080", "nodePort: [30080"));
                awaitProblem(lb, FILE);
                load.goOn(200);
                overwrite(good);
                awaitNoProblem(lb);

                overwrite(good.substring(0, good.indexOf("selector:", good.indexOf("kind: Service")) + 4));
                awaitProblem(lb, FILE);
                load.goOn(200);
                overwrite(good);
                awaitNoProblem(lb);

                for (int i = 0; i < 20; i++) { // truncated and written again before anybody can have looked twice
                    overwrite("");
                    overwrite(good);
                }
                load.goOn(200);

                manifests.delete(FILE).write(FILE, good);
                load.goOn(200);

                manifests.write(FILE, good, """
                        apiVersion: v1
                        kind: Service
                        metadata: {name: bad}
                        spec:
                          selector: {app: my-webapp}
                          ports: [{port: 70000}]
                        """);
                await().atMost(Duration.ofSeconds(20))
                        .untilAsserted(() -> assertThat(lb.getJson("/api/v1/services")
                                        .get("services")
                                        .toString())
                                .contains("spec.ports[0].port: 70000"));
                load.goOn(200);

                manifests.write(FILE, good.replace("replicas: 3", "replicas: 5"));
                await().atMost(Duration.ofSeconds(20)).until(() -> load.pods.size() >= 5);
            }
            assertThat(load.failures).isEmpty();
            System.out.println("a manifest broken, cut, emptied, deleted and with a bad Service: " + load.answered
                    + " requests, 0 failed");
            assertThat(lb.stderr()).doesNotContain("\tat ");
        }
    }
}
