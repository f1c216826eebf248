package io.podlb.control.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What keeps a proxy healthy, as scripts: words are calls, numbers are seconds that pass. */
class ProxyHealthTest {

    static Stream<Arguments> scripts() {
        return Stream.of(
                arguments("11.9 healthy while starting", "", true),
                arguments("11.9 healthy while the first pass takes long", "queued begun 600", true),
                arguments("11.9 healthy when nothing is pending", "queued begun updated 600", true),
                arguments("11.9 a change that waits", "begun updated queued 59", true),
                arguments("11.9 a change that waits too long", "begun updated queued 60", false),
                arguments("11.9 in a pass that does not end", "begun updated queued begun 60", false),
                arguments("11.9 until it is made", "begun updated queued 60 begun updated", true),
                arguments("11.9 the oldest counts, not the newest", "begun updated queued 40 queued 20", false),
                arguments("11.9 one of this pass, one after it", "begun updated queued 40 begun queued 20", false),
                arguments("a change during a pass waits on", "begun updated queued begun queued updated 60", false),
                arguments("but only since it came", "begun updated queued 40 begun queued updated 20", true),
                arguments("a pass that fails makes nothing", "begun updated queued begun failed 60", false),
                arguments(
                        "nor does one after it that finds nothing",
                        "begun updated queued begun failed queued begun idle 60",
                        false),
                arguments(
                        "a later pass makes it", "begun updated queued begun failed 50 queued begun updated 10", true),
                arguments("taken by a pass before", "begun updated queued begun idle 60", true));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("scripts")
    void followsTheScript(String row, String script, boolean healthy) {
        AtomicLong seconds = new AtomicLong(-7); // nanoTime may be negative
        ProxyHealth health = new ProxyHealth(
                () -> Duration.ofSeconds(seconds.get()).toNanos(),
                () -> Instant.ofEpochSecond(seconds.get()),
                ProxyHealth.TIMEOUT);
        for (String word : script.isEmpty() ? new String[0] : script.split(" ")) {
            switch (word) {
                case "queued" -> health.queued();
                case "begun" -> health.begun();
                case "idle" -> health.idle();
                case "failed" -> health.failed();
                case "updated" -> health.updated();
                default -> seconds.addAndGet(Long.parseLong(word));
            }
        }
        assertThat(health.state().healthy()).isEqualTo(healthy);
        assertThat(health.state().updated() == null).isEqualTo(!script.contains("updated"));
    }
}
