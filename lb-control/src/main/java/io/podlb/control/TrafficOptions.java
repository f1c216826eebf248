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

    /**
     * All of them together.
     *
     * @throws CommandFailure if one of them makes no sense
     */
    TrafficRules rules() {
        Map<TrafficSetting, String> values = new EnumMap<>(TrafficSetting.class);
        values.put(TrafficSetting.EJECT_AFTER, ejectAfter);
        values.put(TrafficSetting.RETRY_BUDGET, retryBudget);
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
