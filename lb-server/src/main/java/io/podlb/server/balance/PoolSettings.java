package io.podlb.server.balance;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * What all pools of a data plane have in common.
 *
 * @param policies the balancing policies that specs may name
 * @param ticker for affinity, ejections and the like
 * @param random for jitter
 * @param control the control thread
 * @param trialPatience after which nothing will be heard of a connect any more
 */
public record PoolSettings(
        Policies policies, Ticker ticker, RandomSource random, Executor control, Duration trialPatience) {}
