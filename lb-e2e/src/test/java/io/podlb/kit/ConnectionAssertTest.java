package io.podlb.kit;

import static io.podlb.kit.PodlbAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podlb.kit.Attempt.Outcome;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ConnectionAssertTest {

    private final ConnectionRecord retried =
            new Receipt(2).tried("web-2", Outcome.FAILED).on("web-3").made();
    private final ConnectionRecord refused = new Receipt(3)
            .tried("web-2", Outcome.FAILED)
            .ended("connect-failed", true)
            .made();
    private final ConnectionRecord open =
            new Receipt(4).on("web-1").ended(null, false).made();

    @Test
    void whatHoldsPasses() {
        assertThat(retried)
                .isOn("web-3")
                .neverTouched("web-1")
                .hadCandidates("web-3", "web-2", "web-1")
                .wasRetriedAtMost(1)
                .endedWith("client-closed")
                .hasNotFailed()
                .carried(12, 340);
        assertThat(refused).isOnNone().hasFailed();
        assertThat(open).isOpen().hasNotFailed();
    }

    @Test
    void theMessageHasTheWholeReceipt() {
        assertThatThrownBy(() -> assertThat(retried).as("after the crash").isOn("web-1"))
                .isInstanceOf(AssertionError.class)
                .hasMessage("[after the crash] expected to be on web-1, but it is on web-3\n"
                        + "  shop/web:http #2 from 127.0.0.9:40002 by ClusterIP to web-3 (random: one of 3), tries:"
                        + " web-2 failed, web-3 connected, began at 20.000 ms, lasted 5.000 ms, 12 bytes to the Pod,"
                        + " 340 to the client, client-closed");
    }

    @Test
    void whatDoesNotHoldFailsInOneLine() {
        Map<String, Consumer<ConnectionAssert>> failures = new LinkedHashMap<>();
        failures.put("to be connected to none, but it is on web-3", ConnectionAssert::isOnNone);
        failures.put(
                "no try of web-2, but it was tried: web-2 failed, web-3 connected", it -> it.neverTouched("web-2"));
        failures.put("the candidates web-1, but they were web-1, web-2, web-3", it -> it.hadCandidates("web-1"));
        failures.put(
                "at most 0 retries, but the tries were web-2 failed, web-3 connected", it -> it.wasRetriedAtMost(0));
        failures.put("to have ended with drained, but it ended with client-closed", it -> it.endedWith("drained"));
        failures.put("to be open, but it ended with client-closed", ConnectionAssert::isOpen);
        failures.put("to have failed, but it has not", ConnectionAssert::hasFailed);
        failures.put("1 bytes to the Pod and 340 to the client, but there were 12 and 340", it -> it.carried(1, 340));
        failures.forEach((message, assertion) -> assertThatThrownBy(() -> assertion.accept(assertThat(retried)))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("expected " + message + "\n"));
        assertThatThrownBy(() -> assertThat(refused).hasNotFailed())
                .hasMessageStartingWith("expected not to have failed, but it has\n");
        assertThatThrownBy(() -> assertThat(open).endedWith("drained"))
                .hasMessageStartingWith("expected to have ended with drained, but it is open\n");
    }
}
