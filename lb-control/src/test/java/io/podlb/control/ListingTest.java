package io.podlb.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.control.address.ClusterIpMode;
import io.podlb.control.admin.ControlView;
import io.podlb.control.admin.ControlView.Stage;
import io.podlb.control.source.ManifestReader;
import io.podlb.control.translate.FamilyPlan;
import io.podlb.control.translate.FrontendPlan;
import io.podlb.control.translate.PortPlan;
import io.podlb.control.translate.ServicePlan;
import io.podlb.server.listener.ListenerView;
import io.podlb.server.listener.ListenerView.State;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.SocketAddressSpec;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ListingTest {

    private static final SocketAddressSpec ADMIN = new SocketAddressSpec(InetAddresses.parse("127.0.0.1"), 10249);

    private static final Planned PLANNED =
            new Planner(PlannerTest.settings(ClusterIpMode.LOOPBACK)).plan(ManifestReader.read("web.yaml", """
                    apiVersion: v1
                    kind: Pod
                    metadata: {name: web-1, labels: {app: web}}
                    status: {podIP: 10.244.0.11}
                    ---
                    apiVersion: v1
                    kind: Service
                    metadata: {name: web}
                    spec:
                      type: NodePort
                      clusterIP: 10.96.0.10
                      selector: {app: web}
                      ports: [{port: 80, nodePort: 30080}]
                    ---
                    apiVersion: v1
                    kind: Service
                    metadata: {name: dns}
                    spec:
                      clusterIP: 10.96.0.11
                      selector: {app: none}
                      ports: [{name: sctp, port: 53, protocol: SCTP}, {name: tcp, port: 53}]
                    ---
                    apiVersion: v1
                    kind: Service
                    metadata: {name: elsewhere}
                    spec: {type: ExternalName, externalName: db.example}
                    ---
                    apiVersion: v1
                    kind: Service
                    metadata: {name: outside}
                    spec: {clusterIP: 10.96.0.12, ports: [{port: 443}]}
                    ---
                    apiVersion: discovery.k8s.io/v1
                    kind: EndpointSlice
                    metadata: {name: outside-1, labels: {kubernetes.io/service-name: outside}}
                    addressType: IPv4
                    ports: [{port: 443}]
                    endpoints: [{addresses: [192.0.2.7]}]
                    """));

    @Test
    void showsWhatIsServedWhereAndWhyNot() {
        assertThat(listing(this::listener, false)).isEqualTo("""
                podlb serves on node n0

                  SERVICE            FRONT END                     SERVED AT                                              ENDPOINTS
                  default/dns        ClusterIP 10.96.0.11:53/SCTP  127.96.0.11:53, not served: podlb does not serve SCTP  0
                  default/dns        ClusterIP 10.96.0.11:53/TCP   127.96.0.11:53, closed: no endpoint                    0
                  default/elsewhere  none                          not served, see the log
                  default/outside    ClusterIP 10.96.0.12:443/TCP  127.96.0.12:443                                        1
                  default/web        ClusterIP 10.96.0.10:80/TCP   127.96.0.10:80                                         1
                  default/web        NodePort *:30080/TCP          0.0.0.0:30080, failed: see below                       1

                  port 30080 is taken

                Admin endpoint: http://127.0.0.1:10249; Ctrl-C stops.
                """);
    }

    @Test
    void inTheDemoItShowsThePodsAndWhatToTry() {
        assertThat(listing(this::listener, true)).endsWith("""

                  POD    ADDRESS         LISTENS AT
                  web-1  10.244.0.11:80  127.0.0.1:40080
                  -      192.0.2.7:443   192.0.2.7:443

                Try it, several times; each answer is the name of the Pod that gave it:

                  curl http://127.96.0.12:443/                    # outside by its ClusterIP 10.96.0.12:443
                  curl http://127.96.0.10/                        # web by its ClusterIP 10.96.0.10:80
                  curl http://127.0.0.1:10249/api/v1/services     # all of this as JSON
                  curl http://127.0.0.1:10249/api/v1/connections  # who was sent where, and why

                Admin endpoint: http://127.0.0.1:10249; Ctrl-C stops.
                """);
    }

    @Test
    void showsBeforeAnythingIsKnownThatNothingIsOpen() {
        assertThat(listing((port, frontend, bind) -> null, false))
                .contains(", not opened yet")
                .doesNotContain("curl");
    }

    /** What became of a front end; null if the data plane does not know it. */
    interface Outcomes {
        ListenerView of(FamilyPlan family, FrontendPlan frontend, SocketAddressSpec bind);
    }

    private ListenerView listener(FamilyPlan family, FrontendPlan frontend, SocketAddressSpec bind) {
        FrontendSpec spec = FrontendSpec.of(frontend.kind(), bind);
        if (family.name().protocol() == Protocol.SCTP) {
            return new ListenerView(family.name(), spec, State.UNSERVED, null, null);
        }
        if (frontend.kind() == FrontendKind.NODE_PORT) {
            return new ListenerView(family.name(), spec, State.FAILED, null, "port 30080 is taken");
        }
        return family.cluster().isEmpty()
                ? new ListenerView(family.name(), spec, State.EMPTY, null, null)
                : new ListenerView(family.name(), spec, State.OPEN, bind, null);
    }

    private static String listing(Outcomes outcomes, boolean demo) {
        List<ListenerView> listeners = new ArrayList<>();
        for (ServicePlan service : PLANNED.services()) {
            for (PortPlan port : service.ports()) {
                for (FamilyPlan family : port.families()) {
                    for (FrontendPlan frontend : family.frontends()) {
                        for (SocketAddressSpec bind : PLANNED.placement().of(family.name(), frontend)) {
                            ListenerView view = outcomes.of(family, frontend, bind);
                            if (view != null) {
                                listeners.add(view);
                            }
                        }
                    }
                }
            }
        }
        StringWriter text = new StringWriter();
        Map<SocketAddressSpec, SocketAddressSpec> reachedAt = Map.of(
                new SocketAddressSpec(InetAddresses.parse("10.244.0.11"), 80),
                new SocketAddressSpec(InetAddresses.parse("127.0.0.1"), 40080));
        ControlView view = new ControlView(
                PLANNED.node(), PLANNED.services(), PLANNED.placement(), reachedAt, List.of(), Stage.READY);
        new Listing(view, listeners, ADMIN).print(new PrintWriter(text), demo);
        return text.toString();
    }
}
