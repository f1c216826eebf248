package io.podlb.control.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podlb.control.address.LocalRoute.Outcome;
import io.podlb.server.service.Cidr;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LocalRouteTest {

    private static final List<Cidr> RANGE = List.of(Cidr.parse("10.96.0.0/12"));

    private final Set<String> routes = new HashSet<>();
    private final List<String> ran = new ArrayList<>();
    private boolean permitted = true;

    @Test
    void addsWhatIsMissingAndTakesItAway() {
        try (LocalRoute route = LocalRoute.ensure(RANGE, this::ip)) {
            assertThat(routes).containsExactly("10.96.0.0/12");
            assertThat(route).isNotNull();
        }
        assertThat(routes).isEmpty();
        assertThat(ran).contains("ip -4 route add local 10.96.0.0/12 dev lo");
    }

    @Test
    void leavesARouteThatWasThereBefore() {
        routes.add("10.96.0.0/12");
        LocalRoute.ensure(RANGE, this::ip).close();
        assertThat(routes).containsExactly("10.96.0.0/12");
    }

    @Test
    void saysWhatToRunWhereItMayNot() {
        permitted = false;
        assertThatThrownBy(() -> LocalRoute.ensure(RANGE, this::ip))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("--cluster-ip-mode bind needs a local route for 10.96.0.0/12, which cannot be added"
                        + " (RTNETLINK answers: Operation not permitted); run as root:"
                        + " ip -4 route add local 10.96.0.0/12 dev lo");
    }

    @Test
    void takesAwayTheFirstRouteIfTheSecondCannotBeAdded() {
        List<Cidr> two = List.of(Cidr.parse("10.96.0.0/12"), Cidr.parse("fd00::/108"));
        assertThatThrownBy(() -> LocalRoute.ensure(two, command -> {
                    permitted = command.get(1).equals("-4");
                    return ip(command);
                }))
                .hasMessageContaining("ip -6 route add local fd00:0:0:0:0:0:0:0/108 dev lo");
        assertThat(routes).isEmpty();
    }

    @Test
    void aMissingCommandIsAnOutcomeAndNoException() {
        assertThat(LocalRoute.run(List.of("podlb-no-such-command")).status()).isEqualTo(127);
        assertThat(LocalRoute.run(List.of("echo", "local")).output()).isEqualTo("local\n");
    }

    @Test
    void aCommandThatHangsIsGivenUp() {
        assertThat(LocalRoute.run(List.of("sleep", "600"), Duration.ofMillis(10)))
                .isEqualTo(new Outcome(1, "no end within 10 ms"));
    }

    @Test
    void whatACommandComplainsOfIsItsOutput() {
        Outcome outcome = LocalRoute.run(List.of("ls", "/podlb-no-such-file"));
        assertThat(outcome.status()).isNotZero();
        assertThat(outcome.output()).contains("podlb-no-such-file");
    }

    @Test
    void closedTwiceItTakesARouteAwayOnce() {
        LocalRoute route = LocalRoute.ensure(RANGE, this::ip);
        route.close();
        route.close();
        assertThat(ran).filteredOn(line -> line.contains(" del ")).hasSize(1);
    }

    @Test
    void aRouteThatSomebodyTookAwayIsAddedAgainAndGoesAtTheEnd() {
        try (LocalRoute route = LocalRoute.ensure(RANGE, this::ip)) {
            routes.clear();
            route.repair();
            assertThat(routes).containsExactly("10.96.0.0/12");
            route.repair();
            assertThat(ran).filteredOn(line -> line.contains(" add ")).hasSize(2);
        }
        assertThat(routes).isEmpty();
    }

    @Test
    void aRouteThatWasThereBeforeIsRepairedToo() {
        routes.add("10.96.0.0/12");
        try (LocalRoute route = LocalRoute.ensure(RANGE, this::ip)) {
            routes.clear();
            route.repair();
            assertThat(routes).containsExactly("10.96.0.0/12");
        }
        assertThat(routes).as("it is podlb's own now").isEmpty();
    }

    @Test
    void aRouteThatCannotBeRepairedKeepsNoOtherFromBeing() {
        List<Cidr> two = List.of(Cidr.parse("10.96.0.0/12"), Cidr.parse("10.112.0.0/16"));
        LocalRoute route = LocalRoute.ensure(
                two,
                command -> command.contains("add") && command.contains("10.96.0.0/12") && !permitted
                        ? new Outcome(2, "RTNETLINK answers: Operation not permitted\n")
                        : ipAsRoot(command));
        routes.clear();
        permitted = false;
        assertThatThrownBy(route::repair).hasMessageContaining("needs a local route for 10.96.0.0/12");
        assertThat(routes).containsExactly("10.112.0.0/16");
        permitted = true;
        route.repair();
        assertThat(routes).containsExactlyInAnyOrder("10.96.0.0/12", "10.112.0.0/16");
        route.close();
    }

    @Test
    void aRepairAfterTheEndAddsNothing() {
        LocalRoute route = LocalRoute.ensure(RANGE, this::ip);
        route.close();
        route.repair();
        assertThat(routes).isEmpty();
    }

    private Outcome ipAsRoot(List<String> command) {
        boolean before = permitted;
        permitted = true;
        Outcome outcome = ip(command);
        permitted = before;
        return outcome;
    }

    private Outcome ip(List<String> command) {
        ran.add(String.join(" ", command));
        String range =
                command.stream().filter(word -> word.contains("/")).findFirst().orElseThrow();
        switch (command.get(3)) {
            case "show":
                return new Outcome(0, routes.contains(range) ? "local " + range + " dev lo scope host\n" : "");
            case "add":
                if (!permitted) {
                    return new Outcome(2, "RTNETLINK answers: Operation not permitted\n");
                }
                routes.add(range);
                return new Outcome(0, "");
            default:
                return new Outcome(routes.remove(range) ? 0 : 2, "");
        }
    }
}
