package io.podlb.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import io.podlb.kit.ConnectionRecord;
import io.podlb.kit.KitFault;
import io.podlb.kit.KitService;
import io.podlb.kit.Lab;
import io.podlb.kit.PodHandle;
import io.podlb.kit.Pods;
import io.podlb.kit.ServiceHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A client with a pool of connections behind a Service: Jedis. A balancer of connections decides once for each of them, so
 * those in the pool stay with the Pods that they got, also when these are gone.
 *
 * <p>What to take along: validate a connection before it is lent, bound the time of an answer, and try again.
 */
class RedisPoolSampleTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int POOL = 3;
    private static final RetryPolicy<String> RETRIES = RetryPolicy.<String>builder()
            .handle(JedisException.class) // of the pool too, where not even a new connection passes validation
            .withBackoff(Duration.ofMillis(20), Duration.ofMillis(500))
            .withMaxRetries(-1)
            .withMaxDuration(PATIENCE)
            .build();

    private static Lab lab() {
        return Lab.builder()
                .service(KitService.named("cache")
                        .port(6379)
                        .pods(POOL)
                        .policy("round-robin")
                        .behaviour(Pods.handler(new RedisPod())))
                .start();
    }

    /** A pool whose connections are there already, one to each Pod, and are used in turns. */
    private static RedisClient pool(ServiceHandle cache, boolean validated, Duration timeout) throws Exception {
        ConnectionPoolConfig pool = new ConnectionPoolConfig();
        pool.setMaxTotal(POOL);
        pool.setMaxIdle(POOL);
        pool.setLifo(false);
        pool.setTestOnBorrow(validated);
        pool.setTimeBetweenEvictionRuns(Duration.ofMillis(-1)); // or it would find dead connections now and then
        RedisClient client = RedisClient.builder()
                .hostAndPort(cache.address().getHostString(), cache.address().getPort())
                .poolConfig(pool)
                .clientConfig(DefaultJedisClientConfig.builder()
                        .socketTimeoutMillis((int) timeout.toMillis())
                        .clientSetInfoConfig(
                                ClientSetInfoConfig.DISABLED) // or a slow Pod would stop the pool from filling
                        .build())
                .build();
        client.getPool().addObjects(POOL);
        return client;
    }

    private static RedisClient unprotected(ServiceHandle cache) throws Exception {
        return pool(cache, false, Duration.ZERO); // it waits for ever
    }

    private static RedisClient validated(ServiceHandle cache, Duration timeout) throws Exception {
        return pool(cache, true, timeout);
    }

    /** How many of as many requests as there are connections fail. */
    private static int failures(RedisClient client) {
        int failed = 0;
        for (int i = 0; i < POOL; i++) {
            try {
                client.get("who");
            } catch (JedisConnectionException e) {
                failed++;
            }
        }
        return failed;
    }

    @Test
    void validationGetsAPoolOverARolloutThatCostsAllConnections() throws Exception {
        try (Lab lab = lab()) {
            ServiceHandle cache = lab.service("cache");
            try (RedisClient unprotected = unprotected(cache);
                    RedisClient validated = validated(cache, PATIENCE)) {
                assertThat(failures(unprotected)).isZero();
                cache.rollingUpdate();
                assertThat(failures(unprotected)).isEqualTo(POOL);
                assertThat(failures(validated)).isZero();
            }
        }
    }

    @Test
    void validationReplacesTheConnectionToADeadPod() throws Exception {
        try (Lab lab = lab()) {
            ServiceHandle cache = lab.service("cache");
            try (RedisClient unprotected = unprotected(cache);
                    RedisClient validated = validated(cache, PATIENCE)) {
                assertThat(failures(unprotected)).isZero();
                cache.pod(0).crash();
                // That new connections do not fail, although endpoints still list the Pod, is the balancer's work.
                assertThat(failures(unprotected)).isEqualTo(1);
                assertThat(failures(validated)).isZero();
            }
        }
    }

    @Test
    void aTimeoutAndARetryGetPastASlowPodWhileWhoHasNoneIsStillWaiting() throws Exception {
        List<CompletableFuture<String>> waiting = new ArrayList<>();
        try (Lab lab = lab()) {
            ServiceHandle cache = lab.service("cache");
            cache.pod(0).inject(KitFault.latency(Duration.ofHours(1)).toClient());
            try (RedisClient unprotected = unprotected(cache);
                    RedisClient validated = validated(cache, Duration.ofSeconds(1))) {
                for (int i = 0; i < POOL; i++) {
                    waiting.add(CompletableFuture.supplyAsync(() -> unprotected.get("who")));
                }
                await().atMost(PATIENCE)
                        .until(() -> waiting.stream()
                                        .filter(CompletableFuture::isDone)
                                        .count()
                                == 2);
                waiting.removeIf(CompletableFuture::isDone);
                for (int i = 0; i < POOL; i++) {
                    assertThat(Failsafe.with(RETRIES).get(() -> validated.get("who")))
                            .isNotEqualTo(cache.pod(0).name());
                }
                assertThat(waiting)
                        .singleElement()
                        .satisfies(answer -> assertThat(answer).isNotDone());
            }
        }
        assertThat(waiting).singleElement().satisfies(RedisPoolSampleTest::assertLost); // the lab's end ended it
    }

    /** Until somebody notices that the Pods of the zone are not ready, a retry has nobody else to go to. */
    @Test
    void retriesOutlastTheOutageOfAZone() throws Exception {
        try (Lab lab = Zones.start("cache", Pods.handler(new RedisPod()))) {
            ServiceHandle cache = lab.service("cache");
            try (RedisClient unprotected = unprotected(cache);
                    RedisClient validated = validated(cache, PATIENCE)) {
                List<PodHandle> zone = Zones.podsOf(cache, "a");
                assertThat(failures(unprotected)).isZero();
                zone.forEach(PodHandle::crash);
                int before = refused(cache);
                CompletableFuture<String> answer = Failsafe.with(RETRIES).getAsync(() -> validated.get("who"));
                assertLost(CompletableFuture.supplyAsync(() -> unprotected.get("who")));
                await().atMost(PATIENCE).until(() -> refused(cache) > before);
                zone.forEach(PodHandle::unready); // as the kubelet finds by its probes
                assertThat(answer)
                        .succeedsWithin(PATIENCE)
                        .isIn(Zones.podsOf(cache, "b").stream()
                                .map(PodHandle::name)
                                .toList());
            }
        }
    }

    /** Connections that no Pod took. */
    private static int refused(ServiceHandle cache) {
        return (int) cache.connections().stream()
                .filter(record -> record.pod() == null)
                .filter(ConnectionRecord::failed)
                .count();
    }

    private static void assertLost(CompletableFuture<String> answer) {
        assertThat(answer)
                .failsWithin(PATIENCE)
                .withThrowableThat()
                .withCauseInstanceOf(JedisConnectionException.class);
    }
}
