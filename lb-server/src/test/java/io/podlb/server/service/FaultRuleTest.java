package io.podlb.server.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podlb.server.service.Fault.ByteRange;
import io.podlb.server.service.Fault.Direction;
import io.podlb.server.service.Fault.Share;
import io.podlb.server.service.FaultScope.Ordinals;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FaultRuleTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                "refuse > refuse",
                "reset;pod=web-1 > reset; pod=web-1",
                " silent ; for=1m30s; > silent; for=1m30s",
                "blackhole; endpoint=10.0.0.1 > blackhole; endpoint=10.0.0.1",
                "blackhole; endpoint=10.0.0.1:80 > blackhole; endpoint=10.0.0.1:80",
                "blackhole; endpoint=[fd00::1]:80 > blackhole; endpoint=[fd00:0:0:0:0:0:0:1]:80",
                "blackhole; endpoint=fd00::1 > blackhole; endpoint=fd00:0:0:0:0:0:0:1",
                "latency=100ms > latency=100ms",
                "to=client; latency = 100ms~20ms > latency=100ms~20ms; to=client",
                "latency=1500ms; to=both > latency=1s500ms",
                "bandwidth=64Ki; to=backend > bandwidth=65536; to=backend",
                "bandwidth=2k > bandwidth=2000",
                "close-delay=2s > close-delay=2s",
                "half-open; to=client > half-open; to=client",
                "cut=0 > cut=0",
                "cut=1M; to=client > cut=1000000; to=client",
                "corrupt=0..1, 10.. > corrupt=0..1,10..",
                "drop=5..6; connections=3,5-7,9- > drop=5..6; connections=3,5-7,9-",
                "loss=12.5% > loss=12.5%",
                "duplicate=100% > duplicate=100%",
                "reorder=0.0001%; service=default/web; port=http > reorder=0.0001%; service=default/web; port=http",
            })
    void aRuleIsReadAndWritten(String text, String written) {
        assertThat(FaultRule.parse(text)).hasToString(written);
        assertThat(FaultRule.parse(written)).isEqualTo(FaultRule.parse(text));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                "latncy=3 > \"latncy\" is unknown (expected: a fault, one of",
                "pod=web-1 > \"pod=web-1\" has no fault (expected: one of bandwidth, blackhole,",
                "refuse; reset > \"refuse; reset\" has two faults, refuse and reset; make two rules",
                "refuse; pod=a; pod=b > pod: given twice",
                "refuse=yes > refuse: \"yes\" (expected: no value)",
                "refuse; to=client > to: means nothing for refuse",
                "latency > latency: no value (expected: a time above zero",
                "latency=0ms > latency: \"0ms\" (expected: a time above zero",
                "latency=10 > latency: \"10\" (expected: a time above zero",
                "latency=10ms~20ms > latency: \"10ms~20ms\" (expected: a jitter that is not more",
                "latency=999999999d > latency: \"999999999d\" (expected: a time above zero and at most 365d",
                "latency=1s; to=server > to: \"server\" (expected: client, backend or both)",
                "bandwidth=0 > bandwidth: \"0\" (expected: a number of bytes, at least 1",
                "bandwidth=999999999999999Gi > bandwidth: \"999999999999999Gi\" (expected: a number",
                "cut=-1 > cut: \"-1\" (expected: a number of bytes, at least 0",
                "corrupt=5..5 > corrupt: \"5..5\" (expected: positions from 0",
                "drop=1..2, > drop: \"1..2,\" (expected: positions from 0",
                "loss=0% > loss: \"0%\" (expected: above 0%",
                "loss=100.1% > loss: \"100.1%\" (expected: above 0%",
                "loss=5 > loss: \"5\" (expected: above 0%",
                "refuse; connections=0 > connections: \"0\" (expected: numbers from 1",
                "refuse; connections=7-5 > connections: \"7-5\" (expected: numbers from 1",
                "refuse; service=web > service: \"web\" (expected: namespace/name",
                "refuse; endpoint=example.org > endpoint: \"example.org\" (expected: an address",
                "refuse; endpoint=10.0.0.1:99999 > endpoint: \"10.0.0.1:99999\" (expected: an address",
                "refuse; for=0s > for: \"0s\" (expected: a time above zero",
                "refuse; pod=a b > pod: \"a b\" (expected: the name of a Pod",
            })
    void whatIsWrongIsSaidInOneLine(String text, String said) {
        assertThatThrownBy(() -> FaultRule.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .startsWith(said)
                .doesNotContain("\n");
    }

    @Test
    void theValuesOfARuleAreWhatTheTextSays() {
        assertThat(FaultRule.parse("latency=100ms~20ms; to=client; service=default/web; port=http; pod=web-1;"
                        + "connections=3,5-; for=30s"))
                .isEqualTo(new FaultRule(
                        FaultScope.ALL
                                .ofService("default", "web")
                                .ofPort("http")
                                .ofPod("web-1")
                                .ofConnections(Ordinals.of(3), new Ordinals(5, Long.MAX_VALUE)),
                        new Fault.Latency(Direction.TO_CLIENT, Duration.ofMillis(100), Duration.ofMillis(20)),
                        Duration.ofSeconds(30)));
        assertThat(FaultRule.parse("corrupt=1..2").fault())
                .isEqualTo(new Fault.Corrupt(Direction.BOTH, List.of(new ByteRange(1, 2))));
        assertThat(FaultRule.parse("loss=50%").fault()).isEqualTo(new Fault.Loss(Direction.BOTH, new Share(500_000)));
    }

    @Test
    void rulesOfASetAreDividedByLinesOrBars() {
        assertThat(FaultSet.parse("refuse; pod=a | reset\n\n silent \n").rules())
                .containsExactly(FaultRule.parse("refuse; pod=a"), FaultRule.parse("reset"), FaultRule.parse("silent"));
        assertThat(FaultSet.parse(" ")).isEqualTo(FaultSet.NONE);
        assertThatThrownBy(() -> FaultSet.parse("refuse | latency=x")).hasMessageStartingWith("rule 2: latency: \"x\"");
    }
}
