package io.podlb.server.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.server.service.Protocol;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DescriptorBudgetTest {

    private final List<String> called = new ArrayList<>();

    @ParameterizedTest(name = "of {0} descriptors, {1} for TCP and {2} for UDP listeners: {3} connections, {4} flows")
    @CsvSource({
        "20000, 0, 0, 9868, 4934",
        "20000, 12000, 0, 3868, 1934",
        "20000, 12000, 1, 2901, 1933",
        "20000, 17006, 0, 1365, 682",
        "1024, 0, 0, 384, 192",
        "1024, 576, 0, 96, 48",
        "1048576, 12000, 100, 501722, 32768",
        "4, 0, 0, 1, 1",
        "9223372036854775807, 0, 0, 2147483647, 32768",
    })
    void listenersComeFirstThenFlowsThenConnections(long limit, int tcp, int udp, int connections, int flows) {
        DescriptorBudget budget = DescriptorBudget.of(limit, 2, 0, 32_768);
        assertThat(tcp == 0 || budget.take(() -> {}, Protocol.TCP, tcp)).isTrue();
        assertThat(udp == 0 || budget.take(() -> {}, Protocol.UDP, udp)).isTrue();
        assertThat(budget.connections()).isEqualTo(connections);
        assertThat(budget.flows()).isEqualTo(flows);
    }

    @Test
    void nothingIsTakenBeyondWhatLeavesRoomForTheLeastConnections() {
        DescriptorBudget budget = DescriptorBudget.of(20_000, 2, 0, 32_768);
        assertThat(budget.take(() -> {}, Protocol.UDP, 17_006)).isTrue();
        assertThat(budget.connections()).isEqualTo(1_024);
        assertThat(budget.take(waiter("a"), Protocol.TCP, 1)).isFalse();
        assertThat(budget.waiting()).isEqualTo(1);
        assertThat(budget.explain())
                .isEqualTo("descriptor limit 20000, enough for 17006 listeners beside 1024 connections");
    }

    @Test
    void whoWaitsIsCalledInTurnWhenRoomComes() {
        DescriptorBudget budget = DescriptorBudget.of(1_024, 2, 0, 32_768);
        assertThat(budget.take(() -> {}, Protocol.TCP, 576)).isTrue();
        Runnable a = waiter("a");
        Runnable b = waiter("b");
        Runnable c = waiter("c");
        for (Runnable again : List.of(a, b, c, a)) {
            assertThat(budget.take(again, Protocol.TCP, 1)).isFalse();
        }
        budget.forget(b);
        assertThat(called).isEmpty();
        budget.release(Protocol.TCP, 1);
        assertThat(called).containsExactly("a");
        assertThat(budget.take(a, Protocol.TCP, 1)).isTrue();
        budget.release(Protocol.TCP, 10);
        assertThat(called).containsExactly("a", "c");
        assertThat(budget.take(c, Protocol.TCP, 1)).isTrue();
        assertThat(budget.waiting()).isZero();
    }

    @Test
    void aLimitThatTheUserGivesIsKeptAndJudged() {
        assertThat(DescriptorBudget.of(1_024, 2, 300, 10).connections()).isEqualTo(300);
        assertThat(DescriptorBudget.of(1_024, 2, 300, 10).flows()).isEqualTo(10);
        assertThat(DescriptorBudget.of(1_024, 2, 300, 10).isExceeded()).isFalse();
        assertThat(DescriptorBudget.of(1_024, 2, 385, 10).isExceeded()).isTrue();
    }

    private Runnable waiter(String name) {
        return () -> called.add(name);
    }
}
