package io.podlb.control;

import io.podlb.control.translate.TrafficSetting;
import io.podlb.server.service.TrafficRules;
import java.util.EnumMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** What Services are given beyond Kubernetes unless their annotations of the same names say otherwise. */
final class TrafficOptions {

    @Option(
            names = "--eject-after",
            paramLabel = "N|off",
            defaultValue = "off",
            description = "Leave an endpoint out for a while after so many failed connects in a row, where podlb.io/"
                    + "eject-after does not say (default: ${DEFAULT-VALUE}, as kube-proxy).")
    String ejectAfter;

    @Option(
            names = "--retry-budget",
            paramLabel = "PERCENT|off",
            defaultValue = "off",
            description = "Bound connects to a second or third endpoint to such a part of the connections of a Service,"
                    + " where podlb.io/retry-budget does not say (default: ${DEFAULT-VALUE}).")
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
