package io.podlb.server.balance;

/**
 * What a new connection is offered at one moment. Immutable, but for what the balancer remembers.
 *
 * @param policy name of the policy
 * @param balancer the policy over the backends that are offered
 */
public record Offer(String policy, Balancer balancer) {}
