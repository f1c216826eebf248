package io.podlb.e2e;

import io.podlb.e2e.Pod.Endpoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A Service whose endpoints come and go, and what it is at the moment. Its Pods live all the time: two on each node, and
 * on the first one a third that is never ready. There is a slice for each node.
 */
final class Churn {

    private enum State {
        READY,
        TERMINATING,
        GONE
    }

    private final int number;
    private final boolean local;
    private final Pod never;
    private final Map<Pod, State> states = new LinkedHashMap<>();

    /** All of them ready. With external policy Local each node keeps a usable one, without it the two nodes do. */
    Churn(int number, boolean local) {
        this.number = number;
        this.local = local;
        this.never = new Pod("s" + number + "never", 1, 10 * number + 19);
        for (int node = 1; node <= 2; node++) {
            for (int i = 1; i <= 2; i++) {
                String name = "s" + number + (node == 1 ? "a" : "b") + i;
                states.put(new Pod(name, node, 10 * number + 10 + i), State.READY);
            }
        }
    }

    Stream<Pod> pods() {
        return Stream.concat(states.keySet().stream(), Stream.of(never));
    }

    String clusterIp() {
        return "10.96.3." + (number + 1) + ":80";
    }

    String nodePort(int node) {
        return (node == 1 ? TwoNodes.NODE1 : TwoNodes.NODE2) + ":" + (30301 + number);
    }

    /** Names of all Pods that were ever ready. */
    Set<String> mayAnswer() {
        return states.keySet().stream().map(Pod::name).collect(Collectors.toSet());
    }

    /** Of these the ones that a client outside gets through this node. */
    Set<String> mayAnswerOutsiders(int node) {
        return states.keySet().stream()
                .filter(pod -> !local || pod.node() == node)
                .map(Pod::name)
                .collect(Collectors.toSet());
    }

    /** Which Pods new connections get now by cluster IP: the ready ones or else the terminating ones. */
    Pod[] usable() {
        State wanted = states.containsValue(State.READY) ? State.READY : State.TERMINATING;
        return states.keySet().stream().filter(pod -> states.get(pod) == wanted).toArray(Pod[]::new);
    }

    void putAll(ApiProcess api) {
        api.put(ServiceYaml.service(
                "s" + number,
                "type: NodePort",
                "clusterIP: " + clusterIp().replace(":80", ""),
                "externalTrafficPolicy: " + (local ? "Local" : "Cluster"),
                "ports: [{port: 80, nodePort: " + (30301 + number) + "}]"));
        putSlice(1, api);
        putSlice(2, api);
    }

    /** Changes one Pod to another state. */
    void change(Random random, ApiProcess api) {
        List<Pod> all = List.copyOf(states.keySet());
        Pod pod = all.get(random.nextInt(all.size()));
        List<State> choice = new ArrayList<>(List.of(State.values()));
        choice.remove(states.get(pod));
        if (isLastUsable(pod)) {
            choice.remove(State.GONE);
        }
        states.put(pod, choice.get(random.nextInt(choice.size())));
        putSlice(pod.node(), api);
    }

    private boolean isLastUsable(Pod pod) {
        return states.keySet().stream()
                .filter(other -> !local || other.node() == pod.node())
                .noneMatch(other -> !other.equals(pod) && states.get(other) != State.GONE);
    }

    private void putSlice(int node, ApiProcess api) {
        List<Endpoint> endpoints = new ArrayList<>();
        states.forEach((pod, state) -> {
            if (pod.node() == node && state != State.GONE) {
                endpoints.add(state == State.READY ? pod.ready() : pod.terminating());
            }
        });
        if (node == never.node()) {
            endpoints.add(never.unready());
        }
        api.put(ServiceYaml.slice("s" + number, "of-node" + node, "IPv4", endpoints));
    }
}
