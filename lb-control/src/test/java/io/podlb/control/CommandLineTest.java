package io.podlb.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.control.Lb.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Words, variables, and what is said of those that make no sense. */
class CommandLineTest {

    private static final String SERVICE = """
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec:
              clusterIP: 10.96.41.7
              ports: [{port: 80}]
            """;

    @TempDir
    Path folder;

    private Path web;

    @BeforeEach
    void write() throws IOException {
        web = Files.writeString(folder.resolve("web.yaml"), SERVICE);
    }

    private static void refused(Result result, String line) {
        assertThat(result.err()).isEqualTo(line + System.lineSeparator());
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --seed               | abc         | 'abc' is not a long
            --service-cidr       | 10.0.0.0/33 | "10.0.0.0/33" (expected: a block of addresses like 10.96.0.0/12)
            --service-cidr       | web         | "web" (expected: a block of addresses like 10.96.0.0/12)
            --cluster-cidr       | 10.0.0.0    | "10.0.0.0" (expected: a block of addresses like 10.96.0.0/12)
            --node-port-range    | 5           | "5" (expected: two ports from 1 to 65535 in rising order, like 30000-32767)
            --node-port-range    | 9-5         | "9-5" (expected: two ports from 1 to 65535 in rising order, like 30000-32767)
            --node-port-range    | 0-5         | "0-5" (expected: two ports from 1 to 65535 in rising order, like 30000-32767)
            --node-port-range    | 5-70000     | "5-70000" (expected: two ports from 1 to 65535 in rising order, like 30000-32767)
            --cluster-ip-mode    | nat         | expected one of [BIND, LOOPBACK, PORT] (case-insensitive) but was 'nat'
            --admin              | 10249       | "10249" (expected: an IP address and a port, like 127.0.0.1:10249)
            --admin              | web:80      | "web:80" (expected: an IP address and a port from 0 to 65535, like 127.0.0.1:10249)
            --admin              | ::1:80      | "::1:80" (expected: an IP address and a port, like 127.0.0.1:10249)
            --admin              | [::1]:65536 | "[::1]:65536" (expected: an IP address and a port from 0 to 65535, like 127.0.0.1:10249)
            --transport          | token-ring  | "token-ring" (expected: one of io_uring, epoll, nio)
            --event-loops        | 0           | "0" (expected: a whole number from 1 to 1024)
            --event-loops        | many        | "many" (expected: a whole number from 1 to 1024)
            --connect-attempts   | 0           | "0" (expected: a whole number from 1 on)
            --connect-attempts   | 2147483648  | "2147483648" (expected: a whole number from 1 on)
            --max-connections    | -1          | "-1" (expected: a whole number from 0 on)
            --udp-idle-timeout   | 0s          | "0s" (expected: longer than nothing, like 10s)
            --udp-max-flows      | 0           | "0" (expected: a whole number from 1 on)
            --connect-timeout    | 1           | "1" (expected: like 500ms, 10s, 1m30s or 1h)
            --connect-timeout    | 0s          | "0s" (expected: longer than nothing, like 10s)
            --connect-budget     | 1y          | "1y" (expected: like 500ms, 10s, 1m30s or 1h)
            --idle-timeout       | 1h 30m      | "1h 30m" (expected: like 500ms, 10s, 1m30s or 1h)
            --idle-timeout       | 36501d      | "36501d" (expected: at most 36500d)
            --half-closed-timeout| -5s         | "-5s" (expected: like 500ms, 10s, 1m30s or 1h)
            --drain-timeout      | soon        | "soon" (expected: like 500ms, 10s, 1m30s or 1h)
            --trusted-proxies    | web         | "web" (expected: a block of addresses like 10.96.0.0/12)
            --access-log-rate    | 0/s         | "0/s" (expected: a rate like 1000/s)
            --access-log-rate    | 1000        | "1000" (expected: a rate like 1000/s)
            --access-log-format  | xml         | expected one of [TEXT, JSON] (case-insensitive) but was 'xml'
            --log-format         | xml         | expected one of [TEXT, JSON] (case-insensitive) but was 'xml'
            --log-level          | loud        | expected one of [ERROR, WARN, INFO, DEBUG, TRACE] (case-insensitive) but was 'loud'
            --simulate-pods      | maybe       | 'maybe' is not a boolean
            --output             | yaml        | expected one of [TEXT, JSON] (case-insensitive) but was 'yaml'
            """)
    void aValueThatMakesNoSenseIsOneLine(String option, String value, String complaint) {
        Result result = Lb.run("explain", option + "=" + value);
        assertThat(result.err())
                .startsWith("lb explain: Invalid value for option '" + option + "'")
                .endsWith(": " + complaint + "; see lb explain --help" + System.lineSeparator())
                .hasLineCount(1);
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --policy randm | --policy: no policy "randm"; did you mean "random"?
            --eject-after 0 | --eject-after: "0" (expected: a whole number from 1 to 1000, on, or off)
            --max-connections-per-service 0 | --max-connections-per-service: "0" (expected: a whole number from 1 to 10000000, or off)
            --max-connections-per-backend 0 | --max-connections-per-backend: "0" (expected: a whole number from 1 to 10000000, or off)
            --max-connections-per-client 0 | --max-connections-per-client: "0" (expected: a whole number from 1 to 10000000, or off)
            --connection-rate-per-client 5 | --connection-rate-per-client: "5" (expected: a rate like 10/s or 30/m, up to 100000/s, or off)
            --at-limit wait | --at-limit: "wait" (expected: refuse, or queue: and a time, like queue:2s)
            --send-proxy v3 | --send-proxy: "v3" (expected: v1, v2, or off)
            --accept-proxy on | --accept-proxy: "on" (expected: required, or off)
            --slow-start 5 | --slow-start: "5" (expected: a time like 500ms, 10s, 1m30s or 1h, or off)
            --active-check exec | --active-check: "exec" (expected: probe, tcp, a path like http:/healthz, or off)
            --zone-spill 0.5 | --zone-spill: "0.5" (expected: a factor from 1 to 100 like 1.5, or off)
            --preserve-client-address on | --preserve-client-address: "on" (expected: transparent, or off)
            --access-log on | --access-log: "on" (expected: sampled, all, or off)
            --drain soon | --drain: "soon" (expected: a time like 500ms, 10s, 1m30s or 1h, or off)
            --max-connection-age 1 | --max-connection-age: "1" (expected: a time like 500ms, 10s, 1m30s or 1h, or off)
            --rebalance 5 | --rebalance: "5" (expected: a rate like 10/s or 5%/s, up to 100000/s or 100%/s, or off)
            --retry-budget 20 | --retry-budget: "20" (expected: a percentage from 1% to 1000%, or off)
            --policy fastest | --policy: no policy "fastest"; choose one of least-connections, maglev, random, round-robin, two-choices
            --node-port-addresses 5 | --node-port-addresses: "5" has no prefix length (expected: like 10.0.0.0/8)
            --node-port-addresses primary,10.0.0.0/8 | --node-port-addresses: "primary" cannot be combined with [primary, 10.0.0.0/8] (expected: alone)
            --node-name= | --node-name: the name is empty; give the one that endpoints say
            --service-cidr 10.0.0.0/12,10.16.0.0/12 | --service-cidr: service ranges: [10.0.0.0/12, 10.16.0.0/12] (expected: one of each family)
            --service-cidr 10.0.0.0/8 | --service-cidr: 10.0.0.0/8 does not fit into 127.0.0.0/8 (expected: /9 or narrower); use other ranges, or --cluster-ip-mode bind or port
            """)
    void whatIsWrongAsAWholeIsOneLineToo(String words, String complaint) {
        refused(Lb.run(("explain " + words).split(" ")), "lb explain: " + complaint);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            rum -f web.yaml | lb: unexpected word "rum"; did you mean "run"?
            serve | lb: unexpected word "serve"; see lb --help
            help rn | lb: Unknown subcommand 'rn'; see lb --help
            explain --polcy=random | lb explain: unknown option "--polcy"; did you mean "--policy"?
            explain --xyzzy | lb explain: unknown option "--xyzzy"; see lb explain --help
            explain one two | lb explain: unexpected word "two"; see lb explain --help
            explain --seed | lb explain: Missing required parameter for option '--seed' (N); see lb explain --help
            explain --seed 1 --seed 2 | lb explain: option '--seed' (N) should be specified only once; see lb explain --help
            run | lb run: there is nothing to read; name manifests with --file FILE_OR_DIR
            validate | lb validate: there is nothing to read; name manifests with --file FILE_OR_DIR
            run --polcy random | lb run: unknown option "--polcy"; did you mean "--policy"?
            """)
    void wordsThatNobodyKnowsAreOneLineWithWhatWasMeant(String words, String line) {
        refused(Lb.run(words.split(" ")), line);
    }

    @Test
    void withoutAVerbTheHelpIsShownAndTheStatusIsTwo() {
        Result result = Lb.run();
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).startsWith("Kubernetes Services").contains("demo", "run", "explain", "validate");
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "run", "explain", "validate"})
    void everyVerbHasAHelpThatFitsOnATerminalAndNamesTheVariables(String verb) {
        Result result = Lb.run(verb, "--help");
        assertThat(result.status()).isZero();
        assertThat(result.out()).startsWith("Usage: lb " + verb).contains("PODLB_NODE_NAME");
        assertThat(result.out().lines())
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
        assertThat(Lb.run("help", verb).out()).isEqualTo(result.out());
    }

    @Test
    void versionIsAVerbAndAnOption() {
        assertThat(Lb.run("version").out()).startsWith("podlb ").contains(" on Java ");
        assertThat(Lb.run("--version").out()).isEqualTo(Lb.run("version").out());
    }

    @Test
    void completionKnowsVerbsAndOptions() {
        Result result = Lb.run("completion");
        assertThat(result.status()).isZero();
        assertThat(result.out()).contains("complete -F", "--cluster-ip-mode", "validate");
    }

    @Test
    void aVariableStandsForAnOptionThatIsNotGiven() {
        Map<String, String> environment =
                Map.of("PODLB_NODE_NAME", "n7", "PODLB_FILE", web.toString(), "PODLB_OUTPUT", "json");
        assertThat(Lb.run(environment, "explain").out()).startsWith("{").contains("\"name\" : \"n7\"");
        assertThat(Lb.run(environment, "explain", "-o", "text", "--node-name", "n8")
                        .out())
                .startsWith("Seen from node n8,");
    }

    @Test
    void aListOnTheCommandLineReplacesTheOneOfTheVariable() {
        Map<String, String> environment = Map.of("PODLB_SERVICE_CIDR", "10.32.0.0/12,fd00::/108");
        assertThat(Lb.run(environment, "explain").out()).contains("cluster IP 10.40.");
        assertThat(Lb.run(environment, "explain", "--service-cidr", "10.64.0.0/12")
                        .out())
                .contains("cluster IP 10.72.")
                .doesNotContain("10.40.");
    }

    @Test
    void anEmptyVariableIsNone() {
        assertThat(Lb.run(Map.of("PODLB_SEED", "", "PODLB_NODE_NAME", ""), "explain")
                        .status())
                .isZero();
    }

    @Test
    void aBadVariableIsNamed() {
        refused(
                Lb.run(Map.of("PODLB_SEED", "x"), "explain"),
                "lb explain: Invalid value for option '--seed': 'x' is not a long (taken from PODLB_SEED); see lb explain"
                        + " --help");
        assertThat(Lb.run(Map.of("PODLB_SEED", "1"), "explain", "--seed=x").err())
                .doesNotContain("PODLB");
    }

    @ParameterizedTest
    @CsvSource({"--simulate-pods, true", "--simulate-pods=true, true", "--simulate-pods=false, false"})
    void aSwitchMayBeGivenAValue(String option, boolean on) throws IOException {
        Path pod = Files.writeString(folder.resolve("pod.yaml"), """
                apiVersion: v1
                kind: Pod
                metadata: {name: web-1, labels: {app: web}}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: web}
                spec:
                  selector: {app: web}
                  ports: [{port: 80}]
                """);
        assertThat(Lb.run("explain", option, "-f", pod.toString()).out().contains("forward to 1 endpoint"))
                .isEqualTo(on);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            web              | 0 |
            default/web      | 0 |
            webb             | 2 | no Service "webb"; did you mean "web"?
            other/web        | 2 | no Service "other/web"; there are default/web
            -n other web     | 2 | no Service "web" in namespace other; there are none
            -n default web   | 0 |
            """)
    void explainsTheServiceThatWasAskedFor(String words, int status, String complaint) {
        Result result = Lb.run(("explain -f " + web + " " + words).split(" "));
        assertThat(result.status()).isEqualTo(status);
        if (complaint == null) {
            assertThat(result.out()).contains("Service default/web");
            assertThat(result.err()).isEmpty();
        } else {
            assertThat(result.err()).isEqualTo("lb explain: " + complaint + System.lineSeparator());
        }
    }

    @Test
    void everyFileThatCannotBeReadIsALineOfItsOwn() {
        Result result = Lb.run("run", "-f", folder.resolve("a.yaml") + "," + folder.resolve("b.yaml"));
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err().lines())
                .containsExactly(
                        "lb run: " + folder.resolve("a.yaml") + ": no such file or folder; check the path",
                        "lb run: " + folder.resolve("b.yaml") + ": no such file or folder; check the path");
    }

    @Test
    @Timeout(30)
    void whereNoServiceCanBeServedRunAndExplainFailToo() throws IOException {
        Path bad = Files.writeString(
                folder.resolve("bad.yaml"),
                SERVICE.replace("port: 80", "port: 80000").replace("name: web", "name: bad"));
        Result run = Lb.run("run", "-f", bad.toString(), "--admin", "127.0.0.1:0");
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err())
                .startsWith("lb run: " + bad + ", document 1: Service default/bad: spec.ports[0].port: ")
                .hasLineCount(1);
        Result explain = Lb.run("explain", "-f", bad.toString());
        assertThat(explain.status()).isEqualTo(2);
        assertThat(explain.out()).contains("Service default/bad", "spec.ports[0].port");
        Result both = Lb.run("explain", "-f", bad + "," + web);
        assertThat(both.status()).as("one Service that can be served is enough").isZero();
    }

    @Test
    void anAddressThatTwoServicesClaimIsAnErrorOfTheSecond() throws IOException {
        String claims = SERVICE.replace("  clusterIP: 10.96.41.7\n", "  externalIPs: [192.0.2.7]\n");
        Path both = Files.writeString(
                folder.resolve("both.yaml"),
                claims.replace("name: web", "name: later") + "---\n" + claims.replace("name: web", "name: first")
                        + "---\n" + claims.replace("port: 80", "port: 81"));
        Result result = Lb.run("validate", "-f", both.toString());
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.lines())
                .filteredOn(line -> line.startsWith("error"))
                .containsExactly(
                        "error: " + both + ", document 1: Service default/later: spec.externalIPs: 192.0.2.7:80/TCP"
                                + " belongs to Service default/first, this one is not served there; give one of the two another"
                                + " address or port");
        assertThat(Lb.run("explain", "-f", both.toString(), "later").out())
                .contains("192.0.2.7:80/TCP belongs to Service default/first");
    }

    @Test
    void validateCountsWhatItFindsAndFailsOnErrorsAlone() throws IOException {
        Result good = Lb.run("validate", "-f", web.toString());
        assertThat(good.status()).isZero();
        assertThat(good.out()).endsWith("1 Service, 0 errors, 1 warning, 0 notes" + System.lineSeparator());
        Path bad = Files.writeString(folder.resolve("bad.yaml"), SERVICE.replace("port: 80", "port: 80000"));
        Result result = Lb.run("validate", "-f", bad.toString());
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.lines().get(0))
                .startsWith("error: " + bad + ", document 1: Service default/web: spec.ports[0].port: ");
        assertThat(result.out()).contains(System.lineSeparator() + "1 Service, 1 error, ");
        assertThat(result.err()).isEmpty();
    }
}
