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
            int failures = rules.ejection().afterFailures();
            return failures == 0
                    ? null
                    : "An endpoint that cannot be reached "
                            + (failures == 1 ? "once" : failures + " times in a row")
                            + " is left out for half a minute or more, but never more than half of them.";
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
            int percent = rules.retryBudget().percent();
            if (rules.retryBudget().equals(RetryBudget.DEFAULT)) {
                return null;
            }
            return percent == 0
                    ? "Each connection may try other endpoints, if its own cannot be reached, however many do."
                    : "Of 100 connections " + percent + " and some each second may try another endpoint, if theirs"
                            + " cannot be reached.";
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
            return rules.slowStart().isZero()
                    ? null
                    : "An endpoint that becomes ready gets a tenth of its share at first and all of it after "
                            + value(rules) + ".";
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
            return rules.drain().isOn()
                    ? "Connections of an endpoint that terminates or is gone are ended within " + value(rules)
                            + ": quiet ones by FIN, the last by reset."
                    : null;
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
            return rules.maxConnectionAge().isZero()
                    ? null
                    : "A connection is ended by FIN at its first quiet second after " + value(rules)
                            + ", a tenth more or less.";
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
            return rules.rebalance().isOn()
                    ? "Endpoints that have more than their share lose quiet connections, " + value(rules) + " at most."
                    : null;
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
            return rules.zoneSpill().isOn()
                    ? "Where hints keep traffic in a zone, what would load its endpoints more than " + value(rules)
                            + " times the mean goes to zones that have less."
                    : null;
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
            return switch (rules.activeCheck().kind()) {
                case NONE -> null;
                case PROBE ->
                    "Under lb run the readiness probes of the Pods are made, and a Pod that fails is not ready.";
                case TCP -> "Under lb run an endpoint that takes no connection is not ready.";
                case HTTP ->
                    "Under lb run an endpoint that does not answer GET "
                            + rules.activeCheck().path() + " with 200 to 399 is not ready.";
            };
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
            return switch (rules.accessLog()) {
                case OFF -> null;
                case SAMPLED -> "Those that fail, and one in a hundred of the others, leave a line in the access log.";
                case ALL -> "Each one leaves a line in the access log when it ends.";
            };
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
            int count = rules.limits().perService();
            return count == 0 ? null : "There are at most " + count + " connections at a time.";
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
            int count = rules.limits().perBackend();
            return count == 0
                    ? null
                    : "An endpoint with " + count + " connections from here is passed over until one ends.";
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
            int count = rules.limits().perClient();
            return count == 0
                    ? null
                    : "A client address (of IPv6: a /64) has at most " + count + " at a time; more are reset.";
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
            return rules.limits().clientRatePerMinute() == 0
                    ? null
                    : "A client address (of IPv6: a /64) may begin " + value(rules) + "; more are reset.";
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
            return rules.limits().patience().isZero()
                    ? null
                    : "A connection for which every place is taken waits up to "
                            + TrafficValues.timeOrOff(rules.limits().patience()) + " for one, in turn.";
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
