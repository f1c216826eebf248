package io.podlb.control.admin;

import io.podlb.control.cluster.Problem;
import io.podlb.control.translate.EndpointPlan;
import io.podlb.control.translate.FamilyPlan;
import io.podlb.control.translate.FlowPlan;
import io.podlb.control.translate.FrontendPlan;
import io.podlb.control.translate.PortPlan;
import io.podlb.control.translate.ServicePlan;
import io.podlb.control.translate.Spill;
import io.podlb.control.translate.Topology;
import io.podlb.control.translate.TrafficSetting;
import io.podlb.control.translate.Verdict;
import io.podlb.server.balance.Policies;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FlowMode;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.SocketAddressSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The Services in words, for people who know neither podlb nor much of Kubernetes: how the ports of a Service relate,
 * what each front end does, who can be chosen with what probability, and why the others cannot. For any thread.
 */
public final class ExplainText {

    private final ControlView view;
    private final Policies policies;
    private final StringBuilder text = new StringBuilder();

    private ExplainText(ControlView view, Policies policies) {
        this.view = view;
        this.policies = policies;
    }

    /** Lines, each ended by a line feed. */
    public static String of(ControlView view, Policies policies) {
        ExplainText explain = new ExplainText(view, policies);
        explain.write();
        return explain.text.toString();
    }

    private void write() {
        String zone = view.node().zone();
        line("Seen from node " + view.node().name()
                + (zone == null ? ", whose zone is not known" : " in zone " + zone));
        if (view.services().isEmpty()) {
            line("");
            line("No Services.");
        }
        view.services().forEach(this::write);
        problems("", "Problems elsewhere", view.problems());
    }

    private void write(ServicePlan service) {
        line("");
        line("Service " + service.namespace() + "/" + service.name() + ", type " + service.type()
                + (service.clusterIps().isEmpty() ? "" : ", cluster IP " + String.join(" and ", service.clusterIps())));
        if (service.ports().isEmpty()) {
            line("  Nothing of it is served.");
        }
        for (PortPlan port : service.ports()) {
            for (FamilyPlan family : port.families()) {
                line("");
                write(port, family);
            }
        }
        problems("  ", "Problems", service.problems());
    }

    private void write(PortPlan port, FamilyPlan family) {
        boolean dualStack = port.families().size() > 1;
        line("  Port " + port.port() + "/" + port.protocol() + (port.name().isEmpty() ? "" : " \"" + port.name() + "\"")
                + (dualStack ? ", " + family.name().family().kubernetesName() : ""));
        picture(port, family);
        line("");
        line("    Front ends");
        text.append(frontends(family));
        if (port.protocol() == Protocol.SCTP) {
            line("      Nothing listens for SCTP, which podlb does not serve.");
        }
        line("");
        line("    How one is chosen");
        line("      " + choice(family));
        if (family.affinityTimeout() != null) {
            line("      A client stays with its endpoint until it has made no new connection for "
                    + words(family.affinityTimeout()) + ".");
        }
        if (family.flows() != null) {
            flows(family.flows(), family.affinityTimeout() != null);
        }
        if (family.uses(EndpointSet.CLUSTER)) {
            topology(family); // hints never narrow the local set (kube-semantics 4.4)
        }
        traffic(family);
        faults(family);
        for (EndpointSet set : EndpointSet.values()) {
            if (family.uses(set)) {
                endpoints(family, set);
            }
        }
    }

    private void flows(FlowPlan flows, boolean affinity) {
        Duration idle = flows.idleTimeout();
        if (flows.mode() == FlowMode.PER_DATAGRAM) {
            line("      Each DNS request is balanced on its own" + (affinity ? ", as far as that leaves a choice" : "")
                    + ". For anything else:");
        }
        line("      A client port stays with its endpoint until no datagram has passed for "
                + (idle == null ? "the time of --udp-idle-timeout" : words(idle)) + ".");
    }

    /** How nodePort, port and targetPort relate. */
    private void picture(PortPlan port, FamilyPlan family) {
        String pod = "Pod:" + port.targetPort();
        String clusterIp = family.frontends().stream()
                .filter(frontend -> frontend.kind() == FrontendKind.CLUSTER_IP)
                .map(FrontendPlan::shown)
                .findFirst()
                .orElse("cluster IP:" + port.port());
        Integer nodePort = port.nodePort();
        line("");
        if (nodePort == null) {
            text.append(new Columns("    ")
                    .row("client inside", "->", clusterIp, "->", pod)
                    .row("", "", "port", "", "targetPort"));
        } else {
            text.append(new Columns("    ")
                    .row("client outside", "->", "node:" + nodePort, "->", clusterIp, "->", pod)
                    .row("", "", "nodePort", "", "port", "", "targetPort")
                    .row("client inside", "->", "", "", clusterIp, "->", pod));
        }
        line("");
        if (nodePort != null) {
            line("    nodePort " + nodePort + " is open on every node, for clients that cannot reach the cluster IP.");
        }
        line("    port " + port.port() + " is what the Service offers at its cluster IP, to clients in the cluster.");
        line("    targetPort " + port.targetPort() + " is what the container in the Pod listens on.");
    }

    private String frontends(FamilyPlan family) {
        Columns columns = new Columns("      ");
        for (FrontendPlan frontend : family.frontends()) {
            String binds = view.placement().of(family.name(), frontend).stream()
                    .map(SocketAddressSpec::toString)
                    .collect(Collectors.joining(", "));
            columns.row(
                    frontend.kind().label(),
                    frontend.shown(),
                    binds.isEmpty() ? "cannot be bound here" : "here at " + binds,
                    verdict(family, frontend.endpointSet(), frontend.verdict()));
            if (!family.treatsNodeLocalClientsAlike(frontend)) {
                columns.row(
                        "",
                        "",
                        "from this node",
                        verdict(family, frontend.nodeLocalSet(), frontend.nodeLocalVerdict()));
            }
            if (!frontend.sourceRanges().isEmpty()) {
                columns.row("", "", "", "only for clients in " + frontend.sourceRanges());
            }
        }
        return columns.toString();
    }

    private static String verdict(FamilyPlan family, EndpointSet set, Verdict verdict) {
        return switch (verdict) {
            case FORWARD ->
                "forward to " + amount(family.usable(set).size(), "endpoint")
                        + (set == EndpointSet.LOCAL ? " on this node (policy Local)" : "");
            case REJECT -> "reject: no endpoint is usable, clients are refused";
            case DROP -> "drop: the usable endpoints are on other nodes and the policy is Local, clients are refused";
        };
    }

    private static String choice(FamilyPlan family) {
        return "Policy " + family.policy() + ": "
                + switch (family.policy()) {
                    case "random" -> "each new connection is drawn by lot, as kube-proxy does it.";
                    case "round-robin" -> "the endpoints take turns.";
                    case "least-connections" -> "the endpoint with the fewest open connections is taken.";
                    case "two-choices" -> "two endpoints are drawn, the one with fewer open connections is taken.";
                    case "maglev" -> "the address of the client decides, by consistent hashing.";
                    default -> "a policy of the program that podlb is part of.";
                };
    }

    private void topology(FamilyPlan family) {
        if (family.topology() == Topology.ZONE) {
            line("      Topology zone: each ready endpoint has a zone hint, those for zone "
                    + view.node().zone() + " are used.");
            if (family.spill() != null) {
                line("      " + spill(family.spill()));
            }
        } else if (family.topology() == Topology.NODE) {
            line("      Topology node: each ready endpoint has a node hint, those for node "
                    + view.node().name() + " are used.");
        }
    }

    private String spill(Spill spill) {
        return String.format(
                Locale.ROOT,
                "Spill: if each zone sends as much as any other, endpoints here would get %.2f times the mean; %.1f %%"
                        + " stay in %s, the rest goes to %s.",
                spill.loadFactor(),
                spill.kept() * 100,
                view.node().zone(),
                String.join(", ", spill.zones()));
    }

    private void traffic(FamilyPlan family) {
        List<String> sentences = new ArrayList<>();
        for (TrafficSetting setting : TrafficSetting.values()) {
            String sentence = setting.sentence(family.traffic(), family.name().protocol());
            if (sentence != null) {
                sentences.add(sentence + " (" + setting.annotation() + ")");
            }
        }
        if (!sentences.isEmpty()) {
            line("");
            line("    Beyond Kubernetes");
            sentences.forEach(sentence -> line("      " + sentence));
        }
    }

    private void faults(FamilyPlan family) {
        if (!family.faults().isEmpty()) {
            line("");
            line("    Faults on purpose");
            family.faults().rules().forEach(rule -> line("      " + rule));
        }
    }

    private void endpoints(FamilyPlan family, EndpointSet set) {
        boolean both = family.uses(EndpointSet.CLUSTER) && family.uses(EndpointSet.LOCAL);
        String suffix = !both ? "" : set == EndpointSet.LOCAL ? " under policy Local" : " under policy Cluster";
        Offer offer = Offer.of(family, set, policies);
        Columns columns = new Columns("      ");
        for (int i = 0; i < offer.endpoints().size(); i++) {
            EndpointPlan endpoint = offer.endpoints().get(i);
            Double share = offer.share(i);
            columns.row(
                    share == null ? "depends" : percent(share),
                    pod(endpoint),
                    address(endpoint),
                    where(endpoint),
                    offer.endpoints().size() == 1 || endpoint.weight() == 1 ? "" : "weight " + endpoint.weight());
        }
        line("");
        line("    Can be chosen" + suffix);
        text.append(columns.isEmpty() ? "      nobody\n" : columns.toString());
        Columns others = new Columns("      ");
        for (EndpointPlan endpoint : family.endpoints()) {
            String reason = family.unusable(set, endpoint);
            if (reason != null) {
                others.row("never", pod(endpoint), address(endpoint), where(endpoint), reason);
            }
        }
        if (!others.isEmpty()) {
            line("    Cannot be chosen" + suffix);
            text.append(others);
        }
    }

    private String address(EndpointPlan endpoint) {
        SocketAddressSpec reachedAt = view.reachedAt().get(endpoint.address());
        return endpoint.address() + (reachedAt == null ? "" : " (in truth " + reachedAt + ")");
    }

    private static String pod(EndpointPlan endpoint) {
        return endpoint.pod() == null ? "-" : endpoint.pod();
    }

    private static String where(EndpointPlan endpoint) {
        List<String> parts = new ArrayList<>();
        parts.add(endpoint.node() == null ? "no node" : "node " + endpoint.node());
        if (endpoint.zone() != null) {
            parts.add("zone " + endpoint.zone());
        }
        if (endpoint.terminating()) {
            parts.add("terminating");
        }
        return String.join(", ", parts);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%5.1f %%", share * 100);
    }

    private static String words(Duration time) {
        long seconds = time.toSeconds();
        if (!time.equals(Duration.ofSeconds(seconds))) {
            return amount(time.toMillis(), "millisecond");
        }
        if (seconds % 3600 == 0) {
            return amount(seconds / 3600, "hour");
        }
        return seconds % 60 == 0 ? amount(seconds / 60, "minute") : amount(seconds, "second");
    }

    private static String amount(long count, String word) {
        return count + " " + word + (count == 1 ? "" : "s");
    }

    private void problems(String indent, String title, List<Problem> problems) {
        if (!problems.isEmpty()) {
            line("");
            line(indent + title);
            for (Problem problem : problems) {
                line(indent + "  " + problem.severity().name().toLowerCase(Locale.ROOT) + ": " + problem);
            }
        }
    }

    private void line(String line) {
        text.append(line).append('\n');
    }
}
