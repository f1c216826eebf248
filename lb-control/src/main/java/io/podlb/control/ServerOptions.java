package io.podlb.control;

import io.netty.util.concurrent.Ticker;
import io.podlb.control.access.AccessLine;
import io.podlb.control.access.AccessLog;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.service.SocketAddressSpec;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the process serves: limits of connections, the admin endpoint, its end. */
final class ServerOptions {

    @Option(
            names = "--admin",
            paramLabel = "ADDRESS:PORT",
            defaultValue = "127.0.0.1:10249",
            converter = Converters.OfSocketAddress.class,
            description = "Health, metrics and tables over HTTP; port 0 for any (default: ${DEFAULT-VALUE}).")
    SocketAddressSpec admin;

    @Option(
            names = "--admin-host",
            paramLabel = "NAME",
            split = ",",
            description = "A name under which the admin endpoint may be asked, beside loopback names.")
    List<String> adminHosts = List.of();

    @Option(
            names = "--transport",
            paramLabel = "io_uring|epoll|nio",
            converter = Converters.OfTransport.class,
            description = "How sockets are driven (default: the first of these that works here).")
    @Nullable
    String transport;

    @Option(
            names = "--event-loops",
            paramLabel = "N",
            converter = Converters.OfThreads.class,
            description = "Threads that move bytes (default: one per processor).")
    @Nullable
    Integer eventLoops;

    @Option(
            names = "--connect-timeout",
            paramLabel = "TIME",
            defaultValue = "1s",
            converter = Converters.OfPositiveDuration.class,
            description = "For one try of one endpoint (default: ${DEFAULT-VALUE}).")
    Duration connectTimeout;

    @Option(
            names = "--connect-attempts",
            paramLabel = "N",
            defaultValue = "3",
            converter = Converters.OfCount.class,
            description = "Endpoints that one connection tries (default: ${DEFAULT-VALUE}).")
    int connectAttempts;

    @Option(
            names = "--connect-budget",
            paramLabel = "TIME",
            defaultValue = "3s",
            converter = Converters.OfPositiveDuration.class,
            description = "For all tries of one connection (default: ${DEFAULT-VALUE}).")
    Duration connectBudget;

    @Option(
            names = "--idle-timeout",
            paramLabel = "TIME",
            defaultValue = "1h",
            converter = Converters.OfPositiveDuration.class,
            description = "A connection without a byte for this long is reset (default: ${DEFAULT-VALUE}).")
    Duration idleTimeout;

    @Option(
            names = "--half-closed-timeout",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = Converters.OfPositiveDuration.class,
            description = "The same once one side has ended its stream (default: ${DEFAULT-VALUE}).")
    Duration halfClosedTimeout;

    @Option(
            names = "--max-connections",
            paramLabel = "N",
            defaultValue = "0",
            converter = Converters.OfCountOrZero.class,
            description =
                    "Connections at a time; 0: two descriptors each out of what listeners and UDP flows leave of the"
                            + " process's limit (default: ${DEFAULT-VALUE}).")
    int maxConnections;

    @Option(
            names = "--udp-idle-timeout",
            paramLabel = "TIME",
            defaultValue = "30s",
            converter = Converters.OfPositiveDuration.class,
            description = "A UDP flow without a datagram for this long ends (default: ${DEFAULT-VALUE}).")
    Duration udpIdleTimeout;

    @Option(
            names = "--udp-max-flows",
            paramLabel = "N",
            defaultValue = "32768",
            converter = Converters.OfCount.class,
            description =
                    "UDP flows at a time, a descriptor each, at most a quarter of what listeners leave; then the one idle"
                            + " for longest ends (default: ${DEFAULT-VALUE}).")
    int udpMaxFlows;

    @Option(
            names = "--drain-timeout",
            paramLabel = "TIME",
            defaultValue = "10s",
            converter = Converters.OfDuration.class,
            description = "How long connections and UDP flows may go on after SIGTERM (default: ${DEFAULT-VALUE}).")
    Duration drainTimeout;

    @Option(
            names = "--access-log-format",
            paramLabel = "text|json",
            description = "Form of a line of the access log on stdout (default: that of --log-format).")
    LogOptions.@Nullable Format accessLogFormat;

    @Option(
            names = "--access-log-rate",
            paramLabel = "N/s",
            defaultValue = "1000/s",
            converter = Converters.OfRate.class,
            description =
                    "Lines of the access log each second at most; others are counted (default: ${DEFAULT-VALUE}).")
    int accessLogRate;

    /**
     * The log of connections, which {@link #config} lets the data plane write to.
     *
     * @param clock for the times in its lines
     */
    AccessLog accessLog(Settings settings, LogOptions log, Clock clock) {
        LogOptions.Format format = accessLogFormat == null ? log.format : accessLogFormat;
        return new AccessLog(
                format == LogOptions.Format.JSON ? AccessLine.JSON : AccessLine.TEXT,
                accessLogRate,
                settings.random(),
                clock,
                Ticker.systemTicker()::nanoTime);
    }

    /** The settings of a data plane. */
    LoadBalancerConfig config(Settings settings, NodeOptions node, AccessLog access) {
        LoadBalancerConfig.Builder builder = LoadBalancerConfig.builder()
                .transport(transport)
                .policies(settings.policies())
                .random(settings.random())
                .connectTimeout(connectTimeout)
                .connectAttempts(connectAttempts)
                .connectBudget(connectBudget)
                .idleTimeout(idleTimeout)
                .halfClosedTimeout(halfClosedTimeout)
                .maxConnections(maxConnections)
                .udpIdleTimeout(udpIdleTimeout)
                .udpMaxFlows(udpMaxFlows)
                .nodeLocalClients(node.clusterRanges)
                .trustedProxies(node.traffic.trustedProxies)
                .observer(access);
        if (eventLoops != null) {
            builder.eventLoops(eventLoops);
        }
        return builder.build();
    }
}
