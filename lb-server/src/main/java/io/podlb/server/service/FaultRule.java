package io.podlb.server.service;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A fault for some connections.
 *
 * @param scope the connections and UDP flows that it is for
 * @param fault what is done to them
 * @param lasting for how long from when the rule was set; null: until it is taken back. What it has done by then stays
 *     done
 */
public record FaultRule(
        FaultScope scope, Fault fault, @Nullable Duration lasting) {

    public FaultRule {
        if (lasting != null && (lasting.isNegative() || lasting.isZero())) {
            throw new IllegalArgumentException("lasting: " + lasting + " (expected: positive)");
        }
    }

    /** One that lasts until it is taken back. */
    public FaultRule(FaultScope scope, Fault fault) {
        this(scope, fault, null);
    }

    /**
     * Reads one rule, {@code latency=100ms~20ms; to=client; pod=web-1; connections=3,5-7; for=30s}: one fault and any
     * number of conditions, in any order. See "Faults" in README for all words.
     *
     * @throws IllegalArgumentException in one line with the word at fault and what was expected
     */
    public static FaultRule parse(String text) {
        return FaultText.parse(text);
    }

    /** The same for other connections. */
    public FaultRule withScope(FaultScope other) {
        return new FaultRule(other, fault, lasting);
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return FaultText.write(this);
    }
}
