package io.podlb.control.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestSourceTest {

    @TempDir
    Path folder;

    @Test
    void changesArriveOnOneThreadEvenAfterAListenerThatFails() throws IOException {
        Path file = folder.resolve("web.yaml");
        Files.writeString(file, service("web"));
        List<Loaded> changes = new CopyOnWriteArrayList<>();
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        try (ManifestSource source = new ManifestSource(List.of(folder), Clock.systemUTC())) {
            assertThat(source.load().state().services()).hasSize(1);
            source.watch(loaded -> {
                threads.add(Thread.currentThread());
                changes.add(loaded);
                if (changes.size() == 1) {
                    throw new IllegalStateException("a listener that fails once");
                }
            });
            Files.writeString(file, service("web") + "---\n" + service("shop"));
            await().until(() -> changes.size() == 1);
            Files.writeString(file, "kind: [");
            await().until(() -> changes.size() == 2);
            Files.delete(file);
            await().until(() -> changes.size() == 3);
        }
        assertThat(changes)
                .extracting(loaded -> loaded.state().services().size())
                .containsExactly(2, 2, 0);
        assertThat(threads).hasSize(1).allMatch(Thread::isDaemon);
        await().until(() -> threads.stream().noneMatch(Thread::isAlive));
    }

    private static String service(String name) {
        return "apiVersion: v1\nkind: Service\nmetadata: {name: " + name + "}\nspec: {ports: [{port: 80}]}\n";
    }
}
