package io.podlb.control;

import io.podlb.control.translate.TrafficSetting;
import io.podlb.server.service.Cidr;
import io.podlb.server.service.TrafficRules;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** What Services are given beyond Kubernetes unless their annotations of these names say otherwise. */
final class TrafficOptions {

    @Option(
            names = "--eject-after",
            paramLabel = "N|on|off",
            defaultValue = "off",
            description = "Leave an endpoint out for a while after so many failed connects in a row, where podlb.io/"
                    + "eject-after does not say (default: ${DEFAULT-VALUE}, as kube-proxy).")
    String ejectAfter;

    @Option(
            names = "--retry-budget",
            paramLabel = "PERCENT|off",
            defaultValue = "20%",
            description = "Bound connects to a second or third endpoint to such a part of the connections of a Service"
                    + " and 100 each second, where podlb.io/retry-budget does not say (default: ${DEFAULT-VALUE}).")
    String retryBudget;

    @Option(
            names = "--slow-start",
            paramLabel = "TIME|off",
            defaultValue = "off",
            description = "Raise the share of an endpoint that becomes ready over so long, where podlb.io/slow-start"
                    + " does not say (default: ${DEFAULT-VALUE}).")
    String slowStart;

    @Option(
            names = "--drain",
            paramLabel = "TIME|off",
            defaultValue = "off",
            description =
                    "End the connections of an endpoint that terminates or is gone within so long, where podlb.io/drain does not say (default: ${DEFAULT-VALUE}).")
    String drain;

    @Option(
            names = "--max-connection-age",
            paramLabel = "TIME|off",
            defaultValue = "off",
            description =
                    "End connections that are older and quiet, where podlb.io/max-connection-age does not say (default: ${DEFAULT-VALUE}).")
    String maxConnectionAge;

    @Option(
            names = "--rebalance",
            paramLabel = "RATE|off",
            defaultValue = "off",
            description =
                    "End quiet connections of endpoints that have more than their share at such a rate, like 10/s or 5%%/s, where podlb.io/rebalance does not say (default: ${DEFAULT-VALUE}).")
    String rebalance;

    @Option(
            names = "--zone-spill",
            paramLabel = "FACTOR|off",
            defaultValue = "off",
            description = "Send elsewhere what loads the endpoints of a zone more than so many times the mean, where"
                    + " hints keep traffic in zones and podlb.io/zone-spill does not say (default: ${DEFAULT-VALUE}).")
    String zoneSpill;

    @Option(
            names = "--active-check",
            paramLabel = "CHECK|off",
            defaultValue = "off",
            description = "Under lb run, see whether endpoints are ready: probe (readiness probes of the Pods), tcp, or"
                    + " http:/PATH, where podlb.io/active-check does not say (default: ${DEFAULT-VALUE}).")
    String activeCheck;

    @Option(
            names = "--access-log",
            paramLabel = "sampled|all|off",
            defaultValue = "off",
            description =
                    "Write a line to stdout for each connection and UDP flow that ends, or for those that fail and one"
                            + " in a hundred of the others, where podlb.io/access-log does not say (default: ${DEFAULT-VALUE}).")
    String accessLog;

    @Option(
            names = "--max-connections-per-service",
            paramLabel = "N|off",
            defaultValue = "off",
            description = "Connections of a Service port and family at a time, where podlb.io/max-connections does not"
                    + " say (default: ${DEFAULT-VALUE}).")
    String maxConnections;

    @Option(
            names = "--max-connections-per-backend",
            paramLabel = "N|off",
            defaultValue = "off",
            description = "Connections of an endpoint at a time; full ones are passed over, where"
                    + " podlb.io/max-connections-per-backend does not say (default: ${DEFAULT-VALUE}).")
    String maxConnectionsPerBackend;

    @Option(
            names = "--max-connections-per-client",
            paramLabel = "N|off",
            defaultValue = "off",
            description = "Connections of a client address, or an IPv6 /64, to a Service port at a time, where"
                    + " podlb.io/max-connections-per-client does not say (default: ${DEFAULT-VALUE}).")
    String maxConnectionsPerClient;

    @Option(
            names = "--connection-rate-per-client",
            paramLabel = "RATE|off",
            defaultValue = "off",
            description = "Connections that a client address, or an IPv6 /64, may begin to a Service port, like 10/s or"
                    + " 30/m, where podlb.io/connection-rate-per-client does not say (default: ${DEFAULT-VALUE}).")
    String connectionRatePerClient;

    @Option(
            names = "--at-limit",
            paramLabel = "refuse|queue:TIME",
            defaultValue = "refuse",
            description =
                    "Reset connections beyond a limit of the Service port or its endpoints, or let them wait up to"
                            + " so long for a place, where podlb.io/at-limit does not say (default: ${DEFAULT-VALUE}).")
    String atLimit;

    @Option(
            names = "--send-proxy",
            paramLabel = "v1|v2|off",
            defaultValue = "off",
            description = "Tell endpoints the addresses of the client in a PROXY protocol header, where"
                    + " podlb.io/send-proxy does not say (default: ${DEFAULT-VALUE}).")
    String sendProxy;

    @Option(
            names = "--accept-proxy",
            paramLabel = "required|off",
            defaultValue = "off",
            description = "Take connections of trusted proxies alone, which begin with a PROXY protocol header, where"
                    + " podlb.io/accept-proxy does not say (default: ${DEFAULT-VALUE}).")
    String acceptProxy;

    @Option(
            names = "--trusted-proxies",
            paramLabel = "CIDR",
            split = ",",
            converter = Converters.OfCidr.class,
            description = "Peers in these blocks are believed whom they speak for, where a Service takes connections of"
                    + " trusted proxies alone (default: none).")
    List<Cidr> trustedProxies = List.of();

    @Option(
            names = "--preserve-client-address",
            paramLabel = "transparent|off",
            defaultValue = "off",
            description =
                    "Connect to endpoints from the address of the client, which needs CAP_NET_ADMIN or CAP_NET_RAW"
                            + " and answers that come back through this machine, where podlb.io/preserve-client-address does not"
                            + " say (default: ${DEFAULT-VALUE}).")
    String preserveClientAddress;

    /**
     * All of them together.
     *
     * @throws CommandFailure if one of them makes no sense
     */
    TrafficRules rules() {
        Map<TrafficSetting, String> values = new EnumMap<>(TrafficSetting.class);
        values.put(TrafficSetting.EJECT_AFTER, ejectAfter);
        values.put(TrafficSetting.RETRY_BUDGET, retryBudget);
        values.put(TrafficSetting.SLOW_START, slowStart);
        values.put(TrafficSetting.DRAIN, drain);
        values.put(TrafficSetting.MAX_CONNECTION_AGE, maxConnectionAge);
        values.put(TrafficSetting.REBALANCE, rebalance);
        values.put(TrafficSetting.ZONE_SPILL, zoneSpill);
        values.put(TrafficSetting.ACTIVE_CHECK, activeCheck);
        values.put(TrafficSetting.ACCESS_LOG, accessLog);
        values.put(TrafficSetting.MAX_CONNECTIONS, maxConnections);
        values.put(TrafficSetting.MAX_CONNECTIONS_PER_BACKEND, maxConnectionsPerBackend);
        values.put(TrafficSetting.MAX_CONNECTIONS_PER_CLIENT, maxConnectionsPerClient);
        values.put(TrafficSetting.CONNECTION_RATE_PER_CLIENT, connectionRatePerClient);
        values.put(TrafficSetting.AT_LIMIT, atLimit);
        values.put(TrafficSetting.SEND_PROXY, sendProxy);
        values.put(TrafficSetting.ACCEPT_PROXY, acceptProxy);
        values.put(TrafficSetting.PRESERVE_CLIENT_ADDRESS, preserveClientAddress);
        TrafficRules rules = TrafficRules.NONE;
        for (Map.Entry<TrafficSetting, String> entry : values.entrySet()) {
            TrafficSetting setting = entry.getKey();
            try {
                rules = setting.read(rules, entry.getValue());
            } catch (IllegalArgumentException e) {
                throw CommandFailure.usage(
                        setting.option() + ": \"" + entry.getValue() + "\" (expected: " + e.getMessage() + ")");
            }
        }
        return rules;
    }
}
