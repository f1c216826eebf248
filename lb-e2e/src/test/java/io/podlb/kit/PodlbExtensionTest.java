package io.podlb.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectNestedClass;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.assertj.core.api.Condition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.EventConditions;
import org.junit.platform.testkit.engine.Events;
import org.junit.platform.testkit.engine.TestExecutionResultConditions;

class PodlbExtensionTest {

    private static final Set<Object> SEEN = ConcurrentHashMap.newKeySet();

    @BeforeEach
    void nothingSeen() {
        SEEN.clear();
    }

    private static EngineExecutionResults run(DiscoverySelector selector) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selector)
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
                .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "false")
                .configurationParameter("junit.jupiter.conditions.deactivate", "*")
                .execute();
    }

    private static Condition<Event> failedWith(String... parts) {
        return EventConditions.finishedWithFailure(TestExecutionResultConditions.message(message -> {
            for (String part : parts) {
                if (!message.contains(part)) {
                    return false;
                }
            }
            return true;
        }));
    }

    @PodlbTest(manifests = "classpath:kit/shop.yaml", seed = "7")
    static class PerClass {
        @Test
        void takesAddresses(
                @ServiceAddress("web") InetSocketAddress address,
                @ServiceAddress("shop/web:metrics") URI metrics,
                @ServiceAddress("web:80") String text,
                @ServiceAddress("web") ServiceHandle web,
                Lab lab) {
            SEEN.add(lab);
            assertThat(lab.seed()).isEqualTo(7);
            assertThat(address).isEqualTo(web.address());
            assertThat(metrics).isEqualTo(ServiceHandle.uri(web.address(9090)));
            assertThat(text).isEqualTo(address.getAddress().getHostAddress() + ":" + address.getPort());
            assertThat(Clients.whoAnswers(address)).startsWith("web-");
        }

        @Nested
        class Inside {
            @Test
            void hasTheSameLab(Lab lab) {
                SEEN.add(lab);
            }
        }

        @Nested
        @PodlbTest(manifests = "classpath:kit/shop.yaml")
        class Apart {
            @Test
            void hasALabOfItsOwn(Lab lab) {
                SEEN.add(List.of(lab));
            }
        }
    }

    @Test
    void aClassHasOneLabAndNestedClassesShareItUnlessTheyHaveTheirOwn() {
        run(selectClass(PerClass.class))
                .testEvents()
                .assertStatistics(stats -> stats.succeeded(3).failed(0));
        assertThat(SEEN).hasSize(2);
        Lab shared = SEEN.stream()
                .filter(Lab.class::isInstance)
                .map(Lab.class::cast)
                .findFirst()
                .orElseThrow();
        assertThat(SEEN).doesNotContain(List.of(shared));
    }

    @PodlbTest(manifests = "classpath:kit/shop.yaml", perMethod = true)
    @Execution(ExecutionMode.CONCURRENT)
    static class PerMethod {
        private final Lab lab;

        PerMethod(Lab lab) {
            this.lab = lab;
        }

        @Test
        void one(@ServiceAddress("web") ServiceHandle web) {
            web.scale(1);
            SEEN.add(lab);
            assertThat(Clients.whoAnswers(web.address())).isEqualTo(web.pod(0).name());
        }

        @Test
        void two(@ServiceAddress("web") ServiceHandle web) {
            SEEN.add(lab);
            assertThat(web.pods()).hasSize(3);
        }
    }

    @Test
    void eachTestHasALabWhereThatIsAskedFor() {
        run(selectClass(PerMethod.class))
                .testEvents()
                .assertStatistics(stats -> stats.succeeded(2).failed(0));
        assertThat(SEEN).hasSize(2);
    }

    static class Registered {
        @RegisterExtension
        static final PodlbExtension shared =
                PodlbExtension.of(Lab.builder().service(KitService.named("a").port(80)));

        @RegisterExtension
        final PodlbExtension own =
                PodlbExtension.of(Lab.builder().service(KitService.named("b").port(80)));

        @Test
        void one() {
            SEEN.add(shared.lab());
            SEEN.add(own.lab());
            assertThat(Clients.whoAnswers(own.lab().service("b").address())).startsWith("b-");
        }

        @Test
        void two() {
            SEEN.add(shared.lab());
            SEEN.add(own.lab());
        }
    }

    @Test
    void aStaticFieldHasOneLabForTheClassAndAnInstanceFieldOneForEachTest() {
        run(selectClass(Registered.class))
                .testEvents()
                .assertStatistics(stats -> stats.succeeded(2).failed(0));
        assertThat(SEEN).hasSize(3);
    }

    @PodlbTest(manifests = "classpath:kit/shop.yaml", seed = "4711")
    static class Failing {
        @BeforeAll
        static void connectsBefore(Lab lab) {
            Clients.whoAnswers(lab.service("web").address());
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> lab.connections().stream().noneMatch(ConnectionRecord::isOpen));
        }

        @Test
        void fails(@ServiceAddress("web") InetSocketAddress web, Lab lab) {
            lab.mark("the test says so");
            Clients.whoAnswers(web);
            throw new AssertionError("as meant");
        }
    }

    @Test
    void aTestThatFailsLeavesTheSeedAndTheServices() throws IOException {
        run(selectClass(Failing.class)).testEvents().assertThatEvents().haveExactly(1, failedWith("as meant"));
        assertThat(TestReport.DIRECTORY.resolve(Failing.class.getName() + ".fails.txt"))
                .content()
                .contains(
                        "-Dpodlb.seed=4711",
                        "shop/web",
                        "10.96.0.80:80",
                        "Connections while it ran: 1",
                        "shop/web:http #");
        assertThat(TestReport.DIRECTORY.resolve(Failing.class.getName() + ".fails.svg"))
                .content()
                .contains("<svg", "the test says so");
        assertThat(RecordsJson.parse(
                                Files.readString(TestReport.DIRECTORY.resolve(Failing.class.getName() + ".fails.json")))
                        .records())
                .hasSize(1);
        for (String kind : List.of("txt", "svg", "json")) {
            Files.delete(TestReport.DIRECTORY.resolve(Failing.class.getName() + ".fails." + kind));
        }
    }

    @PodlbTest(manifests = "classpath:kit/shop.yaml")
    static class Leaking {
        static Socket left;

        @Test
        void leavesAConnection(@ServiceAddress("web") InetSocketAddress web) throws IOException {
            left = Clients.connect(web);
            left.getOutputStream().write('x');
            assertThat(left.getInputStream().read()).isEqualTo('w');
        }
    }

    @PodlbTest(manifests = "classpath:kit/shop.yaml", leaks = LeakCheck.OFF)
    static class LeakingUnchecked extends Leaking {}

    @PodlbTest(manifests = "classpath:kit/shop.yaml")
    static class Tidy {
        private Socket client;

        @BeforeEach
        void connect(@ServiceAddress("web") InetSocketAddress web) throws IOException {
            client = Clients.connect(web);
        }

        @AfterEach
        void close() throws IOException {
            client.close();
        }

        @Test
        void usesAConnection() throws IOException {
            client.getOutputStream().write('x');
            assertThat(client.getInputStream().read()).isEqualTo('w');
        }
    }

    @Test
    void aTestThatLeavesAConnectionOpenFails() throws IOException {
        run(selectClass(Leaking.class))
                .testEvents()
                .assertThatEvents()
                .haveExactly(1, failedWith("left something open", "connection: ", "shop/web:http", "Pod web-"));
        Leaking.left.close();
        run(selectClass(LeakingUnchecked.class))
                .testEvents()
                .assertStatistics(stats -> stats.succeeded(1).failed(0));
        Leaking.left.close();
        run(selectClass(Tidy.class))
                .testEvents()
                .assertStatistics(stats -> stats.succeeded(1).failed(0));
    }

    @PodlbTest(manifests = "classpath:kit/shop.yaml")
    @TestMethodOrder(MethodOrderer.MethodName.class)
    static class Forgetful {
        @BeforeAll
        static void breaksSomethingForAll(Lab lab) {
            lab.service("dns").inject(KitFault.loss(1));
        }

        @Test
        void aLeavesAFault(Lab lab) {
            lab.service("web").inject(KitFault.reset());
        }

        @Test
        void bDoesNotSufferForIt(@ServiceAddress("web") InetSocketAddress web) {
            assertThat(Clients.whoAnswers(web)).startsWith("web-");
        }
    }

    @PodlbTest(manifests = "classpath:kit/shop.yaml", perMethod = true)
    static class OnItsOwn {
        @Test
        void leavesAFault(Lab lab) {
            lab.service("web").inject(KitFault.reset());
        }
    }

    @Test
    void aTestThatLeavesAFaultForOthersFails() {
        Events events = run(selectClass(Forgetful.class)).testEvents();
        events.assertStatistics(stats -> stats.succeeded(1).failed(1));
        events.assertThatEvents()
                .haveExactly(1, failedWith("left something open", "faults: shop/web: reset; service=shop/web"));
        run(selectClass(OnItsOwn.class))
                .testEvents()
                .assertStatistics(stats -> stats.succeeded(1).failed(0));
    }

    @PodlbTest(manifests = "classpath:kit/shop.yaml")
    static class Misspelt {
        @Test
        void asksForAServiceThatIsNotThere(@ServiceAddress("wab") URI uri) {}
    }

    @Test
    void aServiceThatIsNotThereIsNamedWithThoseThatAre() {
        run(selectClass(Misspelt.class))
                .testEvents()
                .assertThatEvents()
                .haveExactly(1, failedWith("\"wab\"", "shop/web"));
    }

    @Test
    void aNestedClassAloneHasTheLabOfTheClassAroundIt() {
        run(selectNestedClass(List.of(PerClass.class), PerClass.Inside.class))
                .testEvents()
                .assertStatistics(stats -> stats.succeeded(1).failed(0));
    }
}
