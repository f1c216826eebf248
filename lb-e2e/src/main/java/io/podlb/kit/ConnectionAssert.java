package io.podlb.kit;

import java.util.Arrays;
import java.util.Set;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/**
 * Assertions about one connection to a Service. Pods are named as in {@link ConnectionsAssert}. Not thread-safe.
 */
// Not final, and with a public constructor: AssertJ makes a subclass of it for soft assertions.
public class ConnectionAssert extends AbstractAssert<ConnectionAssert, ConnectionRecord> {

    /** About this one; see {@link PodlbAssertions}. */
    public ConnectionAssert(@Nullable ConnectionRecord actual) {
        super(actual, ConnectionAssert.class);
    }

    /** Verifies to which Pod it was connected. */
    public ConnectionAssert isOn(String pod) {
        isNotNull();
        return verify(pod.equals(BackendName.of(actual)), "to be on " + pod, "it is on " + BackendName.orNone(actual));
    }

    /** Verifies that it was connected to none. */
    public ConnectionAssert isOnNone() {
        isNotNull();
        return verify(
                BackendName.of(actual) == null, "to be connected to none", "it is on " + BackendName.orNone(actual));
    }

    /** Verifies that this Pod was not tried. */
    public ConnectionAssert neverTouched(String pod) {
        isNotNull();
        boolean touched = pod.equals(BackendName.of(actual))
                || actual.attempts().stream().anyMatch(attempt -> pod.equals(BackendName.of(attempt)));
        return verify(!touched, "no try of " + pod, "it was tried: " + OneLine.tries(actual.attempts()));
    }

    /** Verifies that it could have got these, in any order, and no other. */
    public ConnectionAssert hadCandidates(String... pods) {
        isNotNull();
        return verify(
                Set.copyOf(Arrays.asList(pods)).equals(Set.copyOf(actual.candidates())),
                "the candidates " + String.join(", ", pods),
                actual.candidates().isEmpty()
                        ? "there was none"
                        : "they were " + String.join(", ", actual.candidates()));
    }

    /** Verifies that it needed no more tries after its first. */
    public ConnectionAssert wasRetriedAtMost(int retries) {
        isNotNull();
        return verify(
                actual.attempts().size() - 1 <= retries,
                "at most " + retries + (retries == 1 ? " retry" : " retries"),
                "the tries were " + OneLine.tries(actual.attempts()));
    }

    /** Verifies how it ended, by the label of its reason: {@code client-closed}. */
    public ConnectionAssert endedWith(String end) {
        isNotNull();
        return verify(
                end.equals(actual.end()),
                "to have ended with " + end,
                actual.isOpen() ? "it is open" : "it ended with " + actual.end());
    }

    /** Verifies that it has not ended. */
    public ConnectionAssert isOpen() {
        isNotNull();
        return verify(actual.isOpen(), "to be open", "it ended with " + actual.end());
    }

    /** Verifies that its client saw something else than two streams brought to their ends. */
    public ConnectionAssert hasFailed() {
        isNotNull();
        return verify(actual.failed(), "to have failed", "it has not");
    }

    /** Verifies that its client saw two streams brought to their ends, or that it is still open. */
    public ConnectionAssert hasNotFailed() {
        isNotNull();
        return verify(!actual.failed(), "not to have failed", "it has");
    }

    /** Verifies the bytes taken from the client and from the Pod. */
    public ConnectionAssert carried(long bytesToBackend, long bytesToClient) {
        isNotNull();
        return verify(
                actual.bytesToBackend() == bytesToBackend && actual.bytesToClient() == bytesToClient,
                bytesToBackend + " bytes to the Pod and " + bytesToClient + " to the client",
                "there were " + actual.bytesToBackend() + " and " + actual.bytesToClient());
    }

    private ConnectionAssert verify(boolean holds, String expected, String found) {
        if (!holds) {
            failWithMessage("%s", OneLine.of("expected " + expected + ", but " + found) + "\n  " + OneLine.of(actual));
        }
        return myself;
    }
}
