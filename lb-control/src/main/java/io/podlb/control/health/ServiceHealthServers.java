package io.podlb.control.health;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.podlb.control.cluster.ServiceKey;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * One HTTP server for each Service with a health check node port: it tells balancers whether this node has endpoints of
 * the Service (kube-semantics 11.1 to 11.7). One that cannot be opened is logged once for each reason and tried again
 * with each update.
 *
 * <p>Control thread only, but for {@link #failures}; answers come from the event loop. The listeners are this one's to close.
 */
final class ServiceHealthServers {

    private static final Logger log = LoggerFactory.getLogger(ServiceHealthServers.class);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpListeners http;
    private final BooleanSupplier proxyHealthy;
    private final Map<ServiceKey, Server> servers = new HashMap<>();
    private final Set<ServiceKey> closed = new HashSet<>(); // of these the ones that do not listen
    private final Map<ServiceKey, String> failures = new ConcurrentHashMap<>(); // written by the control thread
    private volatile List<InetAddress> addresses = List.of(); // read by the event loop

    /**
     * Without servers.
     *
     * @param proxyHealthy whether the proxy itself is well; called by the event loop
     */
    ServiceHealthServers(HttpListeners http, BooleanSupplier proxyHealthy) {
        this.http = http;
        this.proxyHealthy = proxyHealthy;
    }

    /** The server of one Service. What it answers may change while it listens, its port may not. */
    private static final class Server {
        final List<Channel> listeners = new ArrayList<>();
        volatile ServiceHealth health; // written by the control thread

        Server(ServiceHealth health) {
            this.health = health;
        }
    }

    /**
     * Makes it so: first closes what is gone or has moved, then opens what is missing. The cost is that of the changed
     * Services and of those that could not be opened.
     *
     * @param changed each Service that may have changed; null where nobody asks any more
     * @param latest where to listen; a wildcard address takes all of its family
     */
    void update(Map<ServiceKey, @Nullable ServiceHealth> changed, List<InetAddress> latest) {
        if (!latest.equals(addresses)) {
            close(servers.values());
            closed.addAll(servers.keySet());
            addresses = List.copyOf(latest);
        }
        List<Server> given = new ArrayList<>();
        changed.forEach((key, health) -> {
            Server server = servers.get(key);
            if (server != null && (health == null || health.port() != server.health.port())) {
                servers.remove(key);
                closed.remove(key);
                failures.remove(key);
                given.add(server);
                server = null;
            }
            if (health != null && server == null) {
                servers.put(key, new Server(health));
                closed.add(key);
            } else if (health != null) {
                Objects.requireNonNull(server).health = health;
            }
        });
        close(given);
        closed.removeIf(key -> open(Objects.requireNonNull(servers.get(key))));
    }

    /** Tries again what could not be opened, and follows the addresses. */
    void repair(List<InetAddress> latest) {
        update(Map.of(), latest);
    }

    /** Why the servers that cannot be opened cannot. Any thread. */
    Map<ServiceKey, String> failures() {
        return Map.copyOf(failures);
    }

    private static void close(Collection<Server> servers) {
        List<CompletableFuture<Void>> closing = new ArrayList<>();
        for (Server server : servers) {
            server.listeners.forEach(listener -> closing.add(HttpListeners.close(listener)));
            server.listeners.clear();
        }
        closing.forEach(CompletableFuture::join); // somebody may want the port at once
    }

    private boolean open(Server server) {
        int port = server.health.port();
        String failure = addresses.isEmpty() ? "no address of this node is selected for node ports" : null;
        for (InetAddress address : sockets()) {
            ChannelFuture bound = http.bind(
                            new InetSocketAddress(address, port), this::isOffered, request -> answer(server.health))
                    .awaitUninterruptibly();
            if (bound.isSuccess()) {
                server.listeners.add(bound.channel());
            } else {
                failure = new SocketAddressSpec(address, port) + ": "
                        + bound.cause().getMessage();
            }
        }
        if (failure != null) {
            close(List.of(server)); // half a server would tell one balancer this and another one that
            if (!failure.equals(failures.put(server.health.service(), failure))) {
                log.warn(
                        "Service {}: its health check node port {} cannot be opened ({}), balancers take this node"
                                + " for one without endpoints; free the port, podlb tries again",
                        server.health.service(),
                        port,
                        failure);
            }
        }
        if (failure == null) {
            failures.remove(server.health.service());
        }
        return failure == null;
    }

    /** A wildcard socket takes both families, so there is no room for another one beside it. */
    private List<InetAddress> sockets() {
        return addresses.stream()
                .filter(InetAddress::isAnyLocalAddress)
                .findFirst()
                .map(List::of)
                .orElse(addresses);
    }

    private boolean isOffered(InetAddress local) {
        InetAddress wildcard = InetAddresses.parse(IpFamily.of(local) == IpFamily.IPV4 ? "0.0.0.0" : "::");
        List<InetAddress> now = addresses;
        return now.contains(local) || now.contains(wildcard);
    }

    private FullHttpResponse answer(ServiceHealth health) {
        boolean healthy = proxyHealthy.getAsBoolean();
        ObjectNode body = JSON.createObjectNode();
        body.putObject("service")
                .put("namespace", health.service().namespace())
                .put("name", health.service().name());
        body.put("localEndpoints", health.localEndpoints()).put("serviceProxyHealthy", healthy);
        FullHttpResponse response = AnswerHandler.json(
                healthy && health.localEndpoints() > 0 ? HttpResponseStatus.OK : HttpResponseStatus.SERVICE_UNAVAILABLE,
                JSON.writeValueAsString(body));
        response.headers().setInt("X-Load-Balancing-Endpoint-Weight", health.localEndpoints());
        return response;
    }
}
