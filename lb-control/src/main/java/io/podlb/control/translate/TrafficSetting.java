package io.podlb.control.translate;

import io.podlb.control.cluster.Annotations;
import io.podlb.server.service.ConnectionLimits;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.TrafficRules;
import io.podlb.server.service.TrafficRules.Drain;
import io.podlb.server.service.TrafficRules.Ejection;
import io.podlb.server.service.TrafficRules.RetryBudget;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a Service may ask for beyond Kubernetes: by the annotation {@code podlb.io/KEY}, or for all Services
 * that say nothing by the option {@code --KEY}. The text of a value is the same in both, in {@code explain} and in JSON.
 *
 * <p>One more is a component of {@link TrafficRules}, an entry here, and an option in the command line's group.
 */
public enum TrafficSetting {
    EJECT_AFTER("eject-after", true) {
        @Override
        public TrafficRules read(TrafficRules rules, String text) {
            return rules.withEjection(
                    new Ejection(TrafficValues.countOrOff(text, Ejection.MAX_FAILURES, Ejection.USUAL_FAILURES)));
        }

        @Override
        public String value(TrafficRules rules) {
            return TrafficValues.countOrOff(rules.ejection().afterFailures());
        }

        @Override
        @Nullable
        String sentence(TrafficRules rules) {
            return TrafficSentences.ejectAfter(rules);
        }
    },
    RETRY_BUDGET("retry-budget", false) {
        @Override
        public TrafficRules read(TrafficRules rules, String text) {
            return rules.withRetryBudget(new RetryBudget(TrafficValues.percentOrOff(text, RetryBudget.MAX_PERCENT)));
        }

        @Override
        public String value(TrafficRules rules) {
            return TrafficValues.percentOrOff(rules.retryBudget().percent());
        }

        @Override
        @Nullable
        String sentence(TrafficRules rules) {
            return TrafficSentences.retryBudget(rules);
        }
    },
    SLOW_START("slow-start", true) {
        @Override
        public TrafficRules read(TrafficRules rules, String text) {
            return rules.withSlowStart(TrafficValues.timeOrOff(text));
        }

        @Override
        public String value(TrafficRules rules) {
            return TrafficValues.timeOrOff(rules.slowStart());
        }

        @Override
        @Nullable
        String sentence(TrafficRules rules) {
            return TrafficSentences.slowStart(rules);
        }
    },
    DRAIN("drain", false) {
        @Override
        public TrafficRules read(TrafficRules rules, String text) {
            return rules.withDrain(new Drain(TrafficValues.timeOrOff(text), Set.of()));
        }

        @Override
        public String value(TrafficRules rules) {
            return TrafficValues.timeOrOff(rules.drain().within());
        }

        @Override
        @Nullable
        String sentence(TrafficRules rules) {
            return TrafficSentences.drain(rules);
        }
    },
    MAX_CONNECTION_AGE("max-connection-age", false) {
        @Override
        public TrafficRules read(TrafficRules rules, String text) {
            return rules.withMaxConnectionAge(TrafficValues.timeOrOff(text));
        }

        @Override
        public String value(TrafficRules rules) {
            return TrafficValues.timeOrOff(rules.maxConnectionAge());
        }

        @Override
        @Nullable
        String sentence(TrafficRules rules) {
            return TrafficSentences.maxConnectionAge(rules);
        }
    },
    REBALANCE("rebalance", false) {
        @Override
        public TrafficRules read(TrafficRules rules, String text) {
            return rules.withRebalance(TrafficValues.rateOrOff(text));
        }

        @Override
        public String value(TrafficRules rules) {
            return TrafficValues.rateOrOff(rules.rebalance());
        }

        @Override
        @Nullable
        String sentence(TrafficRules rules) {
            return TrafficSentences.rebalance(rules);
        }
    },
    ZONE_SPILL("zone-spill", true) {
        @Override
        public TrafficRules read(TrafficRules rules, String text) {
            return rules.withZoneSpill(TrafficValues.factorOrOff(text));
        }

        @Override
        public String value(TrafficRules rules) {
            return TrafficValues.factorOrOff(rules.zoneSpill());
        }

        @Override
        @Nullable
        String sentence(TrafficRules rules) {
            return TrafficSentences.zoneSpill(rules);
        }
    },
    ACTIVE_CHECK("active-check", false) {
        @Override
        public TrafficRules read(TrafficRules rules, String text) {
            return rules.withActiveCheck(TrafficValues.checkOrOff(text));
        }

        @Override
        public String value(TrafficRules rules) {
            return TrafficValues.checkOrOff(rules.activeCheck());
        }

        @Override
        @Nullable
        String sentence(TrafficRules rules) {
            return TrafficSentences.activeCheck(rules);
        }
    },
    ACCESS_LOG("access-log", true) {
        @Override
        public TrafficRules read(TrafficRules rules, String text) {
            return rules.withAccessLog(TrafficValues.logOrOff(text));
        }

        @Override
        public String value(TrafficRules rules) {
            return TrafficValues.logOrOff(rules.accessLog());
        }

        @Override
        @Nullable
        String sentence(TrafficRules rules) {
            return TrafficSentences.accessLog(rules);
        }
    },
    MAX_CONNECTIONS("max-connections", false) {
        @Override
        public TrafficRules read(TrafficRules rules, String text) {
            int count = TrafficValues.countOrOff(text, ConnectionLimits.MAX_CONNECTIONS);
            return rules.withLimits(rules.limits().withPerService(count));
        }

        @Override
        public String value(TrafficRules rules) {
            return TrafficValues.countOrOff(rules.limits().perService());
        }

        @Override
        @Nullable
        String sentence(TrafficRules rules) {
            return TrafficSentences.maxConnections(rules);
        }

        /** The shorter name is that of the limit of the whole process. */
        @Override
        public String option() {
            return "--max-connections-per-service";
        }
    },
    MAX_CONNECTIONS_PER_BACKEND("max-connections-per-backend", false) {
        @Override
        public TrafficRules read(TrafficRules rules, String text) {
            int count = TrafficValues.countOrOff(text, ConnectionLimits.MAX_CONNECTIONS);
            return rules.withLimits(rules.limits().withPerBackend(count));
        }

        @Override
        public String value(TrafficRules rules) {
            return TrafficValues.countOrOff(rules.limits().perBackend());
        }

        @Override
        @Nullable
        String sentence(TrafficRules rules) {
            return TrafficSentences.maxConnectionsPerBackend(rules);
        }
    },
    MAX_CONNECTIONS_PER_CLIENT("max-connections-per-client", false) {
        @Override
        public TrafficRules read(TrafficRules rules, String text) {
            int count = TrafficValues.countOrOff(text, ConnectionLimits.MAX_CONNECTIONS);
            return rules.withLimits(rules.limits().withPerClient(count));
        }

        @Override
        public String value(TrafficRules rules) {
            return TrafficValues.countOrOff(rules.limits().perClient());
        }

        @Override
        @Nullable
        String sentence(TrafficRules rules) {
            return TrafficSentences.maxConnectionsPerClient(rules);
        }
    },
    CONNECTION_RATE_PER_CLIENT("connection-rate-per-client", false) {
        @Override
        public TrafficRules read(TrafficRules rules, String text) {
            return rules.withLimits(rules.limits().withClientRatePerMinute(TrafficValues.perMinuteOrOff(text)));
        }

        @Override
        public String value(TrafficRules rules) {
            return TrafficValues.perMinuteOrOff(rules.limits().clientRatePerMinute());
        }

        @Override
        @Nullable
        String sentence(TrafficRules rules) {
            return TrafficSentences.connectionRatePerClient(rules);
        }
    },
    AT_LIMIT("at-limit", false) {
        @Override
        public TrafficRules read(TrafficRules rules, String text) {
            return rules.withLimits(rules.limits().withPatience(TrafficValues.queueOrRefuse(text)));
        }

        @Override
        public String value(TrafficRules rules) {
            return TrafficValues.queueOrRefuse(rules.limits().patience());
        }

        @Override
        @Nullable
        String sentence(TrafficRules rules) {
            return TrafficSentences.atLimit(rules);
        }
    },
    SEND_PROXY("send-proxy", false) {
        @Override
        public TrafficRules read(TrafficRules rules, String text) {
            return rules.withProxyProtocol(rules.proxyProtocol().withSend(TrafficValues.headerOrOff(text)));
        }

        @Override
        public String value(TrafficRules rules) {
            return TrafficValues.headerOrOff(rules.proxyProtocol().send());
        }

        @Override
        @Nullable
        String sentence(TrafficRules rules) {
            return TrafficSentences.sendProxy(rules);
        }
    },
    ACCEPT_PROXY("accept-proxy", false) {
        @Override
        public TrafficRules read(TrafficRules rules, String text) {
            return rules.withProxyProtocol(rules.proxyProtocol().withRequired(TrafficValues.requiredOrOff(text)));
        }

        @Override
        public String value(TrafficRules rules) {
            return TrafficValues.requiredOrOff(rules.proxyProtocol().required());
        }

        @Override
        @Nullable
        String sentence(TrafficRules rules) {
            return TrafficSentences.acceptProxy(rules);
        }
    },
    PRESERVE_CLIENT_ADDRESS("preserve-client-address", false) {
        @Override
        public TrafficRules read(TrafficRules rules, String text) {
            return rules.withClientAddress(TrafficValues.addressOrOff(text));
        }

        @Override
        public String value(TrafficRules rules) {
            return TrafficValues.addressOrOff(rules.clientAddress());
        }

        @Override
        @Nullable
        String sentence(TrafficRules rules) {
            return TrafficSentences.preserveClientAddress(rules);
        }
    };

    private final String key;
    private final boolean alsoForUdp;

    TrafficSetting(String key, boolean alsoForUdp) {
        this.key = key;
        this.alsoForUdp = alsoForUdp;
    }

    /** {@code eject-after}. */
    public String key() {
        return key;
    }

    /** {@code podlb.io/eject-after}. */
    public String annotation() {
        return Annotations.PREFIX + key;
    }

    /** {@code --eject-after}. */
    public String option() {
        return "--" + key;
    }

    public boolean appliesTo(Protocol protocol) {
        return protocol == Protocol.TCP || alsoForUdp && protocol == Protocol.UDP;
    }

    /**
     * The rules with this value in them.
     *
     * @throws IllegalArgumentException with what was expected, as a clause
     */
    public abstract TrafficRules read(TrafficRules rules, String text);

    /** The value that the rules have, as it would be written. */
    public abstract String value(TrafficRules rules);

    /** What it does, for people; null where it does nothing. */
    public @Nullable String sentence(TrafficRules rules, Protocol protocol) {
        return appliesTo(protocol) ? sentence(rules) : null;
    }

    abstract @Nullable String sentence(TrafficRules rules);
}
