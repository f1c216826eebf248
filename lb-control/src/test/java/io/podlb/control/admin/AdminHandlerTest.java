package io.podlb.control.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.timeout.ReadTimeoutException;
import io.podlb.control.translate.Verdict;
import io.podlb.server.balance.Policies;
import io.podlb.server.balance.RandomSource;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the admin endpoint does with a connection that ends otherwise than by an answer. */
class AdminHandlerTest {

    private final EmbeddedChannel channel = new EmbeddedChannel(new AdminHandler(
            new AdminSources(
                    () -> Plans.view(Plans.family("random", List.of(Plans.ONE), Plans.clusterIp(Verdict.FORWARD))),
                    List::of,
                    () -> CompletableFuture.completedFuture(List.of()),
                    () -> CompletableFuture.completedFuture(List.of()),
                    List::of,
                    new MetricRegistry(),
                    Policies.standard(RandomSource.seeded(1)),
                    "",
                    null),
            new AllowedHosts(List.of())));

    static List<Throwable> ends() {
        return List.of(ReadTimeoutException.INSTANCE, new IOException("Connection reset by peer"));
    }

    @ParameterizedTest
    @MethodSource("ends")
    void aClientThatIdlesOrIsGoneIsClosedWithoutAnAnswer(Throwable end) {
        channel.pipeline().fireExceptionCaught(end);
        channel.runPendingTasks();
        assertThat((Object) channel.readOutbound()).isNull();
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aFailureOfPodlbIsAnswered() {
        channel.pipeline().fireExceptionCaught(new IllegalStateException("broken"));
        FullHttpResponse response = channel.readOutbound();
        assertThat(response.status().code()).isEqualTo(500);
        response.release();
        channel.finishAndReleaseAll();
    }
}
