package io.podlb.control.translate;

import static io.podlb.control.translate.Given.only;
import static io.podlb.control.translate.Given.service;
import static io.podlb.control.translate.Given.slice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podlb.control.cluster.Problem;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ProxyProtocol;
import io.podlb.server.service.ProxyProtocol.Send;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.service.TrafficRules;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a Service may ask for beyond Kubernetes: read, shown, and told where it makes no sense. */
class TrafficSettingTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            EJECT_AFTER | 3    | 3    | An endpoint that cannot be reached 3 times in a row is left out for half a minute or more, but never more than half of them.
            EJECT_AFTER | 1    | 1    | An endpoint that cannot be reached once is left out for half a minute or more, but never more than half of them.
            EJECT_AFTER | 1000 | 1000 | An endpoint that cannot be reached 1000 times in a row is left out for half a minute or more, but never more than half of them.
            EJECT_AFTER | off  | off  |
            EJECT_AFTER | on   | 3    | An endpoint that cannot be reached 3 times in a row is left out for half a minute or more, but never more than half of them.
            RETRY_BUDGET | 20% | 20% |
            RETRY_BUDGET | 10% | 10% | Of 100 connections 10 and some each second may try another endpoint, if theirs cannot be reached.
            RETRY_BUDGET | 1000% | 1000% | Of 100 connections 1000 and some each second may try another endpoint, if theirs cannot be reached.
            RETRY_BUDGET | off | off | Each connection may try other endpoints, if its own cannot be reached, however many do.
            SLOW_START  | 30s  | 30s  | An endpoint that becomes ready gets a tenth of its share at first and all of it after 30s.
            SLOW_START  | 90s  | 1m30s | An endpoint that becomes ready gets a tenth of its share at first and all of it after 1m30s.
            SLOW_START  | 1500ms | 1s500ms | An endpoint that becomes ready gets a tenth of its share at first and all of it after 1s500ms.
            SLOW_START  | off  | off  |
            DRAIN       | 30s  | 30s  | Connections of an endpoint that terminates or is gone are ended within 30s: quiet ones by FIN, the last by reset.
            DRAIN       | off  | off  |
            MAX_CONNECTION_AGE | 1h | 1h | A connection is ended by FIN at its first quiet second after 1h, a tenth more or less.
            MAX_CONNECTION_AGE | off | off |
            REBALANCE   | 10/s | 10/s | Endpoints that have more than their share lose quiet connections, 10/s at most.
            REBALANCE   | 5%/s | 5%/s | Endpoints that have more than their share lose quiet connections, 5%/s at most.
            REBALANCE   | off  | off  |
            ZONE_SPILL  | 1.5  | 1.5  | Where hints keep traffic in a zone, what would load its endpoints more than 1.5 times the mean goes to zones that have less.
            ZONE_SPILL  | 2.00 | 2    | Where hints keep traffic in a zone, what would load its endpoints more than 2 times the mean goes to zones that have less.
            ZONE_SPILL  | 100  | 100  | Where hints keep traffic in a zone, what would load its endpoints more than 100 times the mean goes to zones that have less.
            ZONE_SPILL  | off  | off  |
            ACTIVE_CHECK | probe | probe | Under lb run the readiness probes of the Pods are made, and a Pod that fails is not ready.
            ACTIVE_CHECK | tcp | tcp | Under lb run an endpoint that takes no connection is not ready.
            ACTIVE_CHECK | http:/healthz?a=1 | http:/healthz?a=1 | Under lb run an endpoint that does not answer GET /healthz?a=1 with 200 to 399 is not ready.
            ACTIVE_CHECK | off | off |
            ACCESS_LOG  | sampled | sampled | Those that fail, and one in a hundred of the others, leave a line in the access log.
            ACCESS_LOG  | all  | all  | Each one leaves a line in the access log when it ends.
            ACCESS_LOG  | off  | off  |
            MAX_CONNECTIONS | 100 | 100 | There are at most 100 connections at a time.
            MAX_CONNECTIONS | 10000000 | 10000000 | There are at most 10000000 connections at a time.
            MAX_CONNECTIONS | off | off |
            MAX_CONNECTIONS_PER_BACKEND | 10 | 10 | An endpoint with 10 connections from here is passed over until one ends.
            MAX_CONNECTIONS_PER_BACKEND | off | off |
            MAX_CONNECTIONS_PER_CLIENT | 5 | 5 | A client address (of IPv6: a /64) has at most 5 at a time; more are reset.
            MAX_CONNECTIONS_PER_CLIENT | off | off |
            CONNECTION_RATE_PER_CLIENT | 10/s | 10/s | A client address (of IPv6: a /64) may begin 10/s; more are reset.
            CONNECTION_RATE_PER_CLIENT | 120/m | 2/s | A client address (of IPv6: a /64) may begin 2/s; more are reset.
            CONNECTION_RATE_PER_CLIENT | 90/m | 90/m | A client address (of IPv6: a /64) may begin 90/m; more are reset.
            CONNECTION_RATE_PER_CLIENT | 100000/s | 100000/s | A client address (of IPv6: a /64) may begin 100000/s; more are reset.
            CONNECTION_RATE_PER_CLIENT | off | off |
            AT_LIMIT | refuse | refuse |
            PRESERVE_CLIENT_ADDRESS | transparent | transparent | Pods see the client's address; their answers must come back through this machine.
            PRESERVE_CLIENT_ADDRESS | off | off |
            AT_LIMIT | queue:2s | queue:2s | A connection for which every place is taken waits up to 2s for one, in turn.
            SEND_PROXY | v1 | v1 | An endpoint reads the addresses of the client first, in a PROXY protocol header of version 1.
            SEND_PROXY | v2 | v2 | An endpoint reads the addresses of the client first, in a PROXY protocol header of version 2, with the number of the connection and the Service.
            SEND_PROXY | off | off |
            ACCEPT_PROXY | required | required | Connections are taken from trusted proxies alone, which say in a PROXY protocol header whom they speak for; others are reset.
            ACCEPT_PROXY | off | off |
            """)
    void aValueIsShownAsItWouldBeWritten(TrafficSetting setting, String text, String shown, String sentence) {
        TrafficRules rules = setting.read(TrafficRules.NONE, text);
        assertThat(setting.value(rules)).isEqualTo(shown);
        assertThat(setting.sentence(rules, Protocol.TCP)).isEqualTo(sentence);
        assertThat(setting.read(TrafficRules.NONE, shown)).isEqualTo(rules);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            EJECT_AFTER | 0    | a whole number from 1 to 1000, on, or off
            EJECT_AFTER | 1001 | a whole number from 1 to 1000, on, or off
            EJECT_AFTER | -1   | a whole number from 1 to 1000, on, or off
            EJECT_AFTER | ''   | a whole number from 1 to 1000, on, or off
            EJECT_AFTER | yes  | a whole number from 1 to 1000, on, or off
            MAX_CONNECTIONS | 0 | a whole number from 1 to 10000000, or off
            MAX_CONNECTIONS | on | a whole number from 1 to 10000000, or off
            MAX_CONNECTIONS_PER_BACKEND | 1.5 | a whole number from 1 to 10000000, or off
            MAX_CONNECTIONS_PER_CLIENT | 10000001 | a whole number from 1 to 10000000, or off
            CONNECTION_RATE_PER_CLIENT | 10 | a rate like 10/s or 30/m, up to 100000/s, or off
            CONNECTION_RATE_PER_CLIENT | 0/m | a rate like 10/s or 30/m, up to 100000/s, or off
            CONNECTION_RATE_PER_CLIENT | 100001/s | a rate like 10/s or 30/m, up to 100000/s, or off
            CONNECTION_RATE_PER_CLIENT | 10/h | a rate like 10/s or 30/m, up to 100000/s, or off
            SEND_PROXY | v3 | v1, v2, or off
            SEND_PROXY | on | v1, v2, or off
            SEND_PROXY | V1 | v1, v2, or off
            SEND_PROXY | '' | v1, v2, or off
            ACCEPT_PROXY | on | required, or off
            ACCEPT_PROXY | v2 | required, or off
            ACCEPT_PROXY | '' | required, or off
            PRESERVE_CLIENT_ADDRESS | on | transparent, or off
            PRESERVE_CLIENT_ADDRESS | '' | transparent, or off
            AT_LIMIT | off | refuse, or queue: and a time, like queue:2s
            AT_LIMIT | queue | refuse, or queue: and a time, like queue:2s
            AT_LIMIT | queue:2 | queue: and a time like 500ms, 10s, 1m30s or 1h, or refuse
            RETRY_BUDGET | 20  | a percentage from 1% to 1000%, or off
            RETRY_BUDGET | 0%  | a percentage from 1% to 1000%, or off
            RETRY_BUDGET | 1001% | a percentage from 1% to 1000%, or off
            ZONE_SPILL  | 0.9  | a factor from 1 to 100 like 1.5, or off
            ZONE_SPILL  | 100.01 | a factor from 1 to 100 like 1.5, or off
            ZONE_SPILL  | 150% | a factor from 1 to 100 like 1.5, or off
            ACTIVE_CHECK | http | probe, tcp, a path like http:/healthz, or off
            ACTIVE_CHECK | http:healthz | probe, tcp, a path like http:/healthz, or off
            ACTIVE_CHECK | http:/a b | probe, tcp, a path like http:/healthz, or off
            DRAIN       | soon | a time like 500ms, 10s, 1m30s or 1h, or off
            MAX_CONNECTION_AGE | 0 | a time like 500ms, 10s, 1m30s or 1h, or off
            REBALANCE   | 10   | a rate like 10/s or 5%/s, up to 100000/s or 100%/s, or off
            REBALANCE   | 0/s  | a rate like 10/s or 5%/s, up to 100000/s or 100%/s, or off
            REBALANCE   | 101%/s | a rate like 10/s or 5%/s, up to 100000/s or 100%/s, or off
            REBALANCE   | 5%   | a rate like 10/s or 5%/s, up to 100000/s or 100%/s, or off
            SLOW_START  | 30   | a time like 500ms, 10s, 1m30s or 1h, or off
            SLOW_START  | 0s   | a time longer than nothing, like 10s, or off
            ACCESS_LOG  | on   | sampled, all, or off
            ACCESS_LOG  | ALL  | sampled, all, or off
            ACCESS_LOG  | ''   | sampled, all, or off
            RETRY_BUDGET | 20.5% | a percentage from 1% to 1000%, or off
            """)
    void whatMakesNoSenseIsToldWithWhatWasExpected(TrafficSetting setting, String text, String expected) {
        assertThatThrownBy(() -> setting.read(TrafficRules.NONE, text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(expected);
    }

    /** Plain Kubernetes is what a Service gets that says nothing, under options that say nothing. */
    @ParameterizedTest
    @EnumSource
    void nothingIsSaidOfWhatIsNotAskedFor(TrafficSetting setting) {
        for (Protocol protocol : Protocol.values()) {
            assertThat(setting.sentence(TrafficRules.NONE, protocol)).isNull();
        }
        assertThat(setting.read(TrafficRules.NONE, setting.value(TrafficRules.NONE)))
                .isEqualTo(TrafficRules.NONE);
    }

    @Test
    void theAnnotationOfAServiceReachesTheDataPlaneAndOverridesTheDefault() {
        TranslateOptions options = new TranslateOptions(
                "random",
                TrafficSetting.EJECT_AFTER.read(TrafficRules.NONE, "5"),
                false,
                new TreeSet<>(List.of("random")),
                false,
                null);
        for (var row : List.of(new String[] {null, "5"}, new String[] {"off", "off"}, new String[] {" 2 ", "2"})) {
            ServicePlan plan = plan(row[0], options);
            assertThat(plan.problems()).isEmpty();
            var spec = ServicePortSpecs.of(only(plan), frontend -> List.<SocketAddressSpec>of());
            assertThat(TrafficSetting.EJECT_AFTER.value(spec.traffic()))
                    .as("annotation %s", row[0])
                    .isEqualTo(row[1]);
        }
    }

    /** UDP datagrams have no beginning to put a header at. */
    @Test
    void headersOfTheProxyProtocolAreForTcpAlone() {
        for (TrafficSetting setting : List.of(TrafficSetting.SEND_PROXY, TrafficSetting.ACCEPT_PROXY)) {
            assertThat(setting.appliesTo(Protocol.TCP)).isTrue();
            assertThat(setting.appliesTo(Protocol.UDP)).isFalse();
        }
    }

    @Test
    void whatProxiesAreAskedForAndWhatEndpointsAreToldStandBesideEachOther() {
        TrafficRules rules =
                TrafficSetting.SEND_PROXY.read(TrafficSetting.ACCEPT_PROXY.read(TrafficRules.NONE, "required"), "v2");
        assertThat(rules.proxyProtocol()).isEqualTo(new ProxyProtocol(Send.V2, true));
        assertThat(TrafficSetting.ACCEPT_PROXY.read(rules, "off").proxyProtocol())
                .isEqualTo(new ProxyProtocol(Send.V2, false));
    }

    @Test
    void whereATrustedProxyIsRequiredOneHasToBeNamed() {
        String told = "web.yaml, document 1: Service default/web: metadata.annotations[podlb.io/accept-proxy]:"
                + " a trusted proxy is required and none is named, so that every client is reset; name the proxies in"
                + " front of podlb by --trusted-proxies, like 10.0.0.0/8";
        assertThat(accepting("required", "TCP", false)).containsExactly(told);
        assertThat(accepting("required", "TCP", true)).isEmpty();
        assertThat(accepting("off", "TCP", false)).isEmpty();
        assertThat(accepting("required", "UDP", false)).isEmpty();
    }

    private static List<String> accepting(String value, String protocol, boolean trustsProxies) {
        var service = service(builder -> builder.editMetadata()
                .addToAnnotations("podlb.io/accept-proxy", value)
                .endMetadata()
                .editSpec()
                .editPort(0)
                .withProtocol(protocol)
                .endPort()
                .endSpec());
        TranslateOptions options =
                new TranslateOptions("random", TrafficRules.NONE, trustsProxies, Given.OPTIONS.policies(), false, null);
        return new ServiceTranslator(Given.NODE, options)
                .plan(service, Given.behind(List.of())).problems().stream()
                        .map(Problem::toString)
                        .toList();
    }

    @Test
    void aMalformedAnnotationIsOneWarningAndTheDefaultIsUsed() {
        ServicePlan plan = plan("often", Given.OPTIONS);
        assertThat(only(plan).traffic()).isEqualTo(TrafficRules.NONE);
        assertThat(plan.problems())
                .extracting(Problem::toString)
                .containsExactly("web.yaml, document 1: Service default/web:"
                        + " metadata.annotations[podlb.io/eject-after]: \"often\" makes no sense, off is used; give a"
                        + " whole number from 1 to 1000, on, or off");
    }

    private static ServicePlan plan(String ejectAfter, TranslateOptions options) {
        var service = service(builder -> ejectAfter == null
                ? builder
                : builder.editMetadata()
                        .addToAnnotations("podlb.io/eject-after", ejectAfter)
                        .endMetadata());
        return new ServiceTranslator(Given.NODE, options)
                .plan(service, Given.behind(List.of(slice("s", "1 ready", "2 ready"))));
    }
}
