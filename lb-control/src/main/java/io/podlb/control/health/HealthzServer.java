package io.podlb.control.health;

import com.codahale.metrics.MetricRegistry;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tells the kubelet and balancers whether this proxy is well: {@code /healthz} with the state of the node, {@code
 * /livez} without (kube-semantics 11.10 to 11.12). Where its address is taken, as by a kube-proxy beside it, it says so
 * once and tries again at intervals.
 *
 * <p>Event loop only, but for {@link #start} and {@link #address}. The listeners are this one's to close.
 */
final class HealthzServer {

    static final String HEALTHZ_TOTAL = "kubeproxy_proxy_healthz_total";
    static final String LIVEZ_TOTAL = "kubeproxy_proxy_livez_total";

    private static final Logger log = LoggerFactory.getLogger(HealthzServer.class);
    private static final JsonMapper JSON = JsonMapper.shared();
    /** What Go's zero time looks like; kube-proxy says it where no pass was complete yet. */
    private static final String NEVER = "0001-01-01T00:00:00Z";

    private final HttpListeners http;
    private final Supplier<ProxyHealth.State> proxy;
    private final BooleanSupplier nodeEligible;
    private final InstantSource wall;
    private final MetricRegistry metrics;
    private volatile @Nullable Channel listener; // written by the event loop
    private boolean complained; // event loop

    /**
     * One that does not listen yet.
     *
     * @param proxy its state; called by the event loop, as is the next one
     * @param nodeEligible whether balancers may send new connections to this node
     */
    HealthzServer(
            HttpListeners http,
            Supplier<ProxyHealth.State> proxy,
            BooleanSupplier nodeEligible,
            InstantSource wall,
            MetricRegistry metrics) {
        this.http = http;
        this.proxy = proxy;
        this.nodeEligible = nodeEligible;
        this.wall = wall;
        this.metrics = metrics;
    }

    /**
     * Listens as soon as it can; does not wait for that.
     *
     * @return the first attempt
     */
    ChannelFuture start(SocketAddressSpec address, Duration retry) {
        return http.bind(address.toSocketAddress(), any -> true, this::answer).addListener((ChannelFuture bound) -> {
            if (bound.isSuccess()) {
                listener = bound.channel();
                log.info("health of this proxy: http://{}/healthz and /livez", address());
                return;
            }
            if (!complained) {
                complained = true;
                log.warn(
                        "--healthz: cannot listen on {} ({}), the rest goes on; free the port or choose another"
                                + " with --healthz ADDRESS:PORT, podlb tries again every {} s",
                        address,
                        bound.cause().getMessage(),
                        retry.toSeconds());
            }
            http.after(retry.toMillis(), () -> {
                ChannelFuture unused = start(address, retry);
            });
        });
    }

    /** Where it listens; null while it does not. Any thread. */
    @Nullable
    SocketAddressSpec address() {
        Channel channel = listener;
        InetSocketAddress local = channel == null ? null : HttpListeners.address(channel);
        return local == null ? null : new SocketAddressSpec(local.getAddress(), local.getPort());
    }

    private FullHttpResponse answer(FullHttpRequest request) {
        if (!request.method().equals(HttpMethod.GET)) {
            FullHttpResponse refused = AnswerHandler.text(HttpResponseStatus.METHOD_NOT_ALLOWED, "GET only");
            refused.headers().set(HttpHeaderNames.ALLOW, "GET");
            return refused;
        }
        return switch (new QueryStringDecoder(request.uri()).path()) {
            case "/healthz" -> health(HEALTHZ_TOTAL, nodeEligible.getAsBoolean());
            case "/livez" -> health(LIVEZ_TOTAL, null);
            default -> AnswerHandler.text(HttpResponseStatus.NOT_FOUND, "no such page; ask for /healthz or /livez");
        };
    }

    private FullHttpResponse health(String counter, @Nullable Boolean eligible) {
        ProxyHealth.State state = proxy.get();
        Instant now = wall.instant();
        boolean healthy = state.healthy() && !Boolean.FALSE.equals(eligible);
        String updated = state.updated() == null ? NEVER : state.updated().toString();
        ObjectNode body = JSON.createObjectNode();
        body.put("lastUpdated", healthy ? now.toString() : updated).put("currentTime", now.toString());
        if (eligible != null) {
            body.put("nodeEligible", eligible);
        }
        ObjectNode families = body.put("healthy", healthy).putObject("status");
        for (IpFamily family : IpFamily.values()) { // one pass does both
            families.putObject(family.kubernetesName())
                    .put("lastUpdated", updated)
                    .put("healthy", state.healthy());
        }
        HttpResponseStatus status = healthy ? HttpResponseStatus.OK : HttpResponseStatus.SERVICE_UNAVAILABLE;
        metrics.counter(counter + "{code=" + status.code() + "}").inc();
        return AnswerHandler.json(status, JSON.writeValueAsString(body));
    }
}
