package io.podlb.server.balance;

import io.podlb.server.backend.Backend;

/**
 * A chosen backend and why it was that one.
 *
 * @param backend the choice
 * @param reason what the policy saw; turned into text only if somebody looks
 */
public record Pick(Backend backend, PickReason reason) {}
