package io.podlb.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podlb.server.listener.ListenerView;
import io.podlb.server.listener.ListenerView.State;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.TableChange;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A difference has the effect of the whole table that it leads to. */
@Timeout(60)
class TableChangeTest {

    @Test
    void whatADifferenceDoesNotNameIsServedOn() throws Exception {
        try (Backends one = Backends.saying("one");
                Backends two = Backends.saying("two");
                Rig rig = Rig.start((String) null, one)) {
            ServicePortSpec other = spec("other", two);
            apply(rig, new TableChange(2, List.of(other), Set.of()));
            assertThat(rig.ask()).isEqualTo("one");
            assertThat(rig.balancer().listeners())
                    .extracting(ListenerView::state)
                    .containsOnly(State.OPEN);

            apply(rig, new TableChange(3, List.of(rig.spec(two.spec())), Set.of(other.name())));
            assertThat(rig.ask()).isEqualTo("two");
            assertThat(rig.balancer().listeners()).hasSize(1);

            apply(rig, new TableChange(4, List.of(), Set.of(Rig.NAME, other.name())));
            assertThat(rig.balancer().listeners()).isEmpty();
            assertThatThrownBy(rig::connect).isInstanceOf(java.net.ConnectException.class);
        }
    }

    @Test
    void aWholeTableAfterDifferencesRemovesWhatTheyAdded() throws Exception {
        try (Backends one = Backends.saying("one");
                Rig rig = Rig.start((String) null, one)) {
            apply(rig, new TableChange(2, List.of(spec("other", one)), Set.of()));
            rig.offer(one.spec());
            assertThat(rig.balancer().listeners()).hasSize(1);
        }
    }

    @Test
    void aNameIsPutOrRemovedOnce() throws Exception {
        try (Backends one = Backends.saying("one")) {
            ServicePortSpec spec = spec("web", one);
            assertThatThrownBy(() -> new TableChange(1, List.of(spec, spec), Set.of()))
                    .hasMessageContaining("twice");
            assertThatThrownBy(() -> new TableChange(1, List.of(spec), Set.of(spec.name())))
                    .hasMessageContaining("put and removed");
        }
    }

    private static void apply(Rig rig, TableChange change) {
        rig.balancer().apply(change).toCompletableFuture().join();
    }

    private static ServicePortSpec spec(String service, Backends backend) {
        return new ServicePortSpec(
                new ServicePortName("default", service, "", Protocol.TCP, IpFamily.IPV4),
                List.of(FrontendSpec.of(FrontendKind.CLUSTER_IP, Rig.freeAddress())),
                "random",
                null,
                List.of(backend.spec()),
                List.of());
    }
}
