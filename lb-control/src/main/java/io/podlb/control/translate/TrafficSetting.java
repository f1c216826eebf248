package io.podlb.control.translate;

import io.podlb.control.cluster.Annotations;
import io.podlb.server.service.ConnectionLimits;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.TrafficRules;
import io.podlb.server.service.TrafficRules.Drain;
import io.podlb.server.service.TrafficRules.Ejection;
import io.podlb.server.service.TrafficRules.RetryBudget;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a Service may ask for beyond Kubernetes: by the annotation {@code podlb.io/KEY}, or for all Services
 * that say nothing by the option {@code --KEY}. The text of a value is the same in both, in {@code explain} and in JSON.
 *
 * <p>One more is a component of {@link TrafficRules}, an entry here, and an option in the command line's group.
 */
@SuppressWarnings("ImmutableEnumChecker") // the functions have no state
public enum TrafficSetting {
    EJECT_AFTER(
            "eject-after",
            Reach.TCP_AND_UDP,
            (rules, text) -> rules.withEjection(
                    new Ejection(TrafficValues.countOrOff(text, Ejection.MAX_FAILURES, Ejection.USUAL_FAILURES))),
            rules -> TrafficValues.countOrOff(rules.ejection().afterFailures()),
            TrafficSentences::ejectAfter),
    RETRY_BUDGET(
            "retry-budget",
            Reach.TCP,
            (rules, text) ->
                    rules.withRetryBudget(new RetryBudget(TrafficValues.percentOrOff(text, RetryBudget.MAX_PERCENT))),
            rules -> TrafficValues.percentOrOff(rules.retryBudget().percent()),
            TrafficSentences::retryBudget),
    SLOW_START(
            "slow-start",
            Reach.TCP_AND_UDP,
            (rules, text) -> rules.withSlowStart(TrafficValues.timeOrOff(text)),
            rules -> TrafficValues.timeOrOff(rules.slowStart()),
            TrafficSentences::slowStart),
    DRAIN(
            "drain",
            Reach.TCP,
            (rules, text) -> rules.withDrain(new Drain(TrafficValues.timeOrOff(text), Set.of())),
            rules -> TrafficValues.timeOrOff(rules.drain().within()),
            TrafficSentences::drain),
    MAX_CONNECTION_AGE(
            "max-connection-age",
            Reach.TCP,
            (rules, text) -> rules.withMaxConnectionAge(TrafficValues.timeOrOff(text)),
            rules -> TrafficValues.timeOrOff(rules.maxConnectionAge()),
            TrafficSentences::maxConnectionAge),
    REBALANCE(
            "rebalance",
            Reach.TCP,
            (rules, text) -> rules.withRebalance(TrafficValues.rateOrOff(text)),
            rules -> TrafficValues.rateOrOff(rules.rebalance()),
            TrafficSentences::rebalance),
    ZONE_SPILL(
            "zone-spill",
            Reach.TCP_AND_UDP,
            (rules, text) -> rules.withZoneSpill(TrafficValues.factorOrOff(text)),
            rules -> TrafficValues.factorOrOff(rules.zoneSpill()),
            TrafficSentences::zoneSpill),
    ACTIVE_CHECK(
            "active-check",
            Reach.TCP,
            (rules, text) -> rules.withActiveCheck(TrafficValues.checkOrOff(text)),
            rules -> TrafficValues.checkOrOff(rules.activeCheck()),
            TrafficSentences::activeCheck),
    ACCESS_LOG(
            "access-log",
            Reach.TCP_AND_UDP,
            (rules, text) -> rules.withAccessLog(TrafficValues.logOrOff(text)),
            rules -> TrafficValues.logOrOff(rules.accessLog()),
            TrafficSentences::accessLog),
    MAX_CONNECTIONS(
            "max-connections",
            Reach.TCP,
            (rules, text) -> rules.withLimits(
                    rules.limits().withPerService(TrafficValues.countOrOff(text, ConnectionLimits.MAX_CONNECTIONS))),
            rules -> TrafficValues.countOrOff(rules.limits().perService()),
            TrafficSentences::maxConnections) {
        /** The shorter name is that of the limit of the whole process. */
        @Override
        public String option() {
            return "--max-connections-per-service";
        }
    },
    MAX_CONNECTIONS_PER_BACKEND(
            "max-connections-per-backend",
            Reach.TCP,
            (rules, text) -> rules.withLimits(
                    rules.limits().withPerBackend(TrafficValues.countOrOff(text, ConnectionLimits.MAX_CONNECTIONS))),
            rules -> TrafficValues.countOrOff(rules.limits().perBackend()),
            TrafficSentences::maxConnectionsPerBackend),
    MAX_CONNECTIONS_PER_CLIENT(
            "max-connections-per-client",
            Reach.TCP,
            (rules, text) -> rules.withLimits(
                    rules.limits().withPerClient(TrafficValues.countOrOff(text, ConnectionLimits.MAX_CONNECTIONS))),
            rules -> TrafficValues.countOrOff(rules.limits().perClient()),
            TrafficSentences::maxConnectionsPerClient),
    CONNECTION_RATE_PER_CLIENT(
            "connection-rate-per-client",
            Reach.TCP,
            (rules, text) ->
                    rules.withLimits(rules.limits().withClientRatePerMinute(TrafficValues.perMinuteOrOff(text))),
            rules -> TrafficValues.perMinuteOrOff(rules.limits().clientRatePerMinute()),
            TrafficSentences::connectionRatePerClient),
    AT_LIMIT(
            "at-limit",
            Reach.TCP,
            (rules, text) -> rules.withLimits(rules.limits().withPatience(TrafficValues.queueOrRefuse(text))),
            rules -> TrafficValues.queueOrRefuse(rules.limits().patience()),
            TrafficSentences::atLimit),
    SEND_PROXY(
            "send-proxy",
            Reach.TCP,
            (rules, text) -> rules.withProxyProtocol(rules.proxyProtocol().withSend(TrafficValues.headerOrOff(text))),
            rules -> TrafficValues.headerOrOff(rules.proxyProtocol().send()),
            TrafficSentences::sendProxy),
    ACCEPT_PROXY(
            "accept-proxy",
            Reach.TCP,
            (rules, text) ->
                    rules.withProxyProtocol(rules.proxyProtocol().withRequired(TrafficValues.requiredOrOff(text))),
            rules -> TrafficValues.requiredOrOff(rules.proxyProtocol().required()),
            TrafficSentences::acceptProxy),
    PRESERVE_CLIENT_ADDRESS(
            "preserve-client-address",
            Reach.TCP,
            (rules, text) -> rules.withClientAddress(TrafficValues.addressOrOff(text)),
            rules -> TrafficValues.addressOrOff(rules.clientAddress()),
            TrafficSentences::preserveClientAddress);

    private final String key;
    private final Reach reach;
    private final BiFunction<TrafficRules, String, TrafficRules> reader;
    private final Function<TrafficRules, String> writer;
    private final Function<TrafficRules, @Nullable String> sentence;

    TrafficSetting(
            String key,
            Reach reach,
            BiFunction<TrafficRules, String, TrafficRules> reader,
            Function<TrafficRules, String> writer,
            Function<TrafficRules, @Nullable String> sentence) {
        this.key = key;
        this.reach = reach;
        this.reader = reader;
        this.writer = writer;
        this.sentence = sentence;
    }

    private enum Reach {
        TCP,
        TCP_AND_UDP
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
        return protocol == Protocol.TCP || reach == Reach.TCP_AND_UDP && protocol == Protocol.UDP;
    }

    /**
     * The rules with this value in them.
     *
     * @throws IllegalArgumentException with what was expected, as a clause
     */
    public TrafficRules read(TrafficRules rules, String text) {
        return reader.apply(rules, text);
    }

    /** The value that the rules have, as it would be written. */
    public String value(TrafficRules rules) {
        return writer.apply(rules);
    }

    /** What it does, for people; null where it does nothing. */
    public @Nullable String sentence(TrafficRules rules, Protocol protocol) {
        return appliesTo(protocol) ? sentence.apply(rules) : null;
    }
}
