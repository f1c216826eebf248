package io.podlb.control.translate;

import io.podlb.server.service.TrafficRules;
import io.podlb.server.service.TrafficRules.RetryBudget;
import org.jspecify.annotations.Nullable;

/** What traffic settings do, for people; null where one does nothing. One for each {@link TrafficSetting}. */
final class TrafficSentences {

    private TrafficSentences() {}

    static @Nullable String ejectAfter(TrafficRules rules) {
        int failures = rules.ejection().afterFailures();
        return failures == 0
                ? null
                : "An endpoint that cannot be reached "
                        + (failures == 1 ? "once" : failures + " times in a row")
                        + " is left out for half a minute or more, but never more than half of them.";
    }

    static @Nullable String retryBudget(TrafficRules rules) {
        int percent = rules.retryBudget().percent();
        if (rules.retryBudget().equals(RetryBudget.DEFAULT)) {
            return null;
        }
        return percent == 0
                ? "Each connection may try other endpoints, if its own cannot be reached, however many do."
                : "Of 100 connections " + percent + " and some each second may try another endpoint, if theirs"
                        + " cannot be reached.";
    }

    static @Nullable String slowStart(TrafficRules rules) {
        return rules.slowStart().isZero()
                ? null
                : "An endpoint that becomes ready gets a tenth of its share at first and all of it after "
                        + TrafficSetting.SLOW_START.value(rules) + ".";
    }

    static @Nullable String drain(TrafficRules rules) {
        return rules.drain().isOn()
                ? "Connections of an endpoint that terminates or is gone are ended within "
                        + TrafficSetting.DRAIN.value(rules) + ": quiet ones by FIN, the last by reset."
                : null;
    }

    static @Nullable String maxConnectionAge(TrafficRules rules) {
        return rules.maxConnectionAge().isZero()
                ? null
                : "A connection is ended by FIN at its first quiet second after "
                        + TrafficSetting.MAX_CONNECTION_AGE.value(rules) + ", a tenth more or less.";
    }

    static @Nullable String rebalance(TrafficRules rules) {
        return rules.rebalance().isOn()
                ? "Endpoints that have more than their share lose quiet connections, "
                        + TrafficSetting.REBALANCE.value(rules) + " at most."
                : null;
    }

    static @Nullable String zoneSpill(TrafficRules rules) {
        return rules.zoneSpill().isOn()
                ? "Where hints keep traffic in a zone, what would load its endpoints more than "
                        + TrafficSetting.ZONE_SPILL.value(rules) + " times the mean goes to zones that have less."
                : null;
    }

    static @Nullable String activeCheck(TrafficRules rules) {
        return switch (rules.activeCheck().kind()) {
            case NONE -> null;
            case PROBE -> "Under lb run the readiness probes of the Pods are made, and a Pod that fails is not ready.";
            case TCP -> "Under lb run an endpoint that takes no connection is not ready.";
            case HTTP ->
                "Under lb run an endpoint that does not answer GET "
                        + rules.activeCheck().path() + " with 200 to 399 is not ready.";
        };
    }

    static @Nullable String accessLog(TrafficRules rules) {
        return switch (rules.accessLog()) {
            case OFF -> null;
            case SAMPLED -> "Those that fail, and one in a hundred of the others, leave a line in the access log.";
            case ALL -> "Each one leaves a line in the access log when it ends.";
        };
    }

    static @Nullable String maxConnections(TrafficRules rules) {
        int count = rules.limits().perService();
        return count == 0 ? null : "There are at most " + count + " connections at a time.";
    }

    static @Nullable String maxConnectionsPerBackend(TrafficRules rules) {
        int count = rules.limits().perBackend();
        return count == 0
                ? null
                : "An endpoint with " + count + " connections from here is passed over until one ends.";
    }

    static @Nullable String maxConnectionsPerClient(TrafficRules rules) {
        int count = rules.limits().perClient();
        return count == 0
                ? null
                : "A client address (of IPv6: a /64) has at most " + count + " at a time; more are reset.";
    }

    static @Nullable String connectionRatePerClient(TrafficRules rules) {
        return rules.limits().clientRatePerMinute() == 0
                ? null
                : "A client address (of IPv6: a /64) may begin "
                        + TrafficSetting.CONNECTION_RATE_PER_CLIENT.value(rules) + "; more are reset.";
    }

    static @Nullable String atLimit(TrafficRules rules) {
        return rules.limits().patience().isZero()
                ? null
                : "A connection for which every place is taken waits up to "
                        + TrafficValues.timeOrOff(rules.limits().patience()) + " for one, in turn.";
    }

    static @Nullable String sendProxy(TrafficRules rules) {
        return switch (rules.proxyProtocol().send()) {
            case OFF -> null;
            case V1 -> "An endpoint reads the addresses of the client first, in a PROXY protocol header of version 1.";
            case V2 ->
                "An endpoint reads the addresses of the client first, in a PROXY protocol header of version 2, with the"
                        + " number of the connection and the Service.";
        };
    }

    static @Nullable String acceptProxy(TrafficRules rules) {
        return rules.proxyProtocol().required()
                ? "Connections are taken from trusted proxies alone, which say in a PROXY protocol header whom they speak"
                        + " for; others are reset."
                : null;
    }

    static @Nullable String preserveClientAddress(TrafficRules rules) {
        return switch (rules.clientAddress()) {
            case OFF -> null;
            case TRANSPARENT -> "Pods see the client's address; their answers must come back through this machine.";
        };
    }
}
