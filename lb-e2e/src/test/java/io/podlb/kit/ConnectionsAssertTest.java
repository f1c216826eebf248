package io.podlb.kit;

import static io.podlb.kit.PodlbAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podlb.kit.Attempt.Outcome;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.SoftAssertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ConnectionsAssertTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Receipts receipts = new Receipts(
            "Service shop/web",
            List.of("web-1", "web-2", "web-3"),
            List.of(
                    new Receipt(1).on("web-1").made(),
                    new Receipt(2).tried("web-2", Outcome.FAILED).on("web-3").made(),
                    new Receipt(3)
                            .tried("web-2", Outcome.FAILED)
                            .tried("web-1", Outcome.TIMED_OUT)
                            .ended("connect-timeout", true)
                            .made()));

    @Test
    void theMessageHasThePodsAndTheRecordsWithThoseAtFaultFirst() {
        assertThatThrownBy(() -> assertThat(receipts).haveNoFailed())
                .isInstanceOf(AssertionError.class)
                .hasMessage("""
                        Service shop/web: expected no connection to have failed, but 1 of 3 have

                          POD     CONNECTIONS  SHARE   EXPECTED  FAILED  FAILED TRIES  TO POD  TO CLIENT
                          web-1   1            33.3 %  -         0       1             12 B    340 B
                          web-2   0            0.0 %   -         0       2             0 B     0 B
                          web-3   1            33.3 %  -         0       0             12 B    340 B
                          (none)  1            33.3 %  -         1       0             12 B    340 B

                           #  PORT           CLIENT           POD     TRIES                             BEGAN AT   LASTED    TO POD  TO CLIENT  END                       WHY
                        !  3  shop/web:http  127.0.0.9:40003  (none)  2: web-2 failed, web-1 timed-out  30.000 ms  5.000 ms  12 B    340 B      connect-timeout (failed)  -
                           1  shop/web:http  127.0.0.9:40001  web-1   1                                 10.000 ms  5.000 ms  12 B    340 B      client-closed             random: one of 3
                           2  shop/web:http  127.0.0.9:40002  web-3   2: web-2 failed, web-3 connected  20.000 ms  5.000 ms  12 B    340 B      client-closed             random: one of 3
                        """);
    }

    @Test
    void fiftyRecordsAreListedAndTheRestCounted() {
        List<ConnectionRecord> many = Receipt.counts(40, 11, 0);
        assertThatThrownBy(() -> assertThat(many).hasSize(50))
                .hasMessageStartingWith("expected 50 connections, but there are 51\n")
                .hasMessageEndingWith("\n  and 1 more\n")
                .satisfies(
                        thrown -> assertThat(thrown.getMessage().lines().filter(line -> line.contains("client-closed")))
                                .hasSize(FailureReport.MOST_RECORDS));
    }

    @Test
    void foreignTextStaysOnItsLine() {
        List<ConnectionRecord> hostile =
                List.of(new Receipt(1).among("a\nb%s").on("a\nb%s").made());
        assertThatThrownBy(() -> assertThat(hostile).areAllOn("c\n%d"))
                .hasMessageStartingWith("expected all of 1 connection on c\\u000a%d, but 1 is not\n")
                .hasMessageContaining("a\\u000ab%s");
    }

    @Test
    void descriptionAndOverridingMessageAreThoseOfAssertJ() {
        assertThatThrownBy(() -> assertThat(receipts).as("at %d %%", 5).haveNoFailed())
                .hasMessageStartingWith("[at 5 %] Service shop/web: expected no connection");
        assertThatThrownBy(() ->
                        assertThat(receipts).overridingErrorMessage("mine").haveNoFailed())
                .hasMessage("mine");
        assertThatThrownBy(() -> assertThat(receipts)
                        .as("kept")
                        .ofPort("http")
                        .to("web-1")
                        .hasSize(2))
                .hasMessageStartingWith("[kept] Service shop/web: expected 2 connections, but there is 1\n");
        assertThatThrownBy(() -> assertThat(receipts)
                        .withFailMessage("mine")
                        .ofPort("http")
                        .haveNoFailed())
                .hasMessage("mine");
        assertThatThrownBy(() -> assertThat(receipts).as("kept").records().isEmpty())
                .hasMessageStartingWith("[kept]");
    }

    @Test
    void nothingAtAllIsNoReceipts() {
        assertThatThrownBy(() -> assertThat((Receipts) null).haveNoFailed()).hasMessageContaining("not to be null");
        assertThatThrownBy(() -> assertThat((ConnectionRecord) null).hasFailed())
                .hasMessageContaining("not to be null");
    }

    @Test
    void softAssertionsCollectEachFailure() {
        SoftAssertions softly = new SoftAssertions();
        ConnectionsAssert soft = softly.proxy(ConnectionsAssert.class, Receipts.class, receipts);
        soft.haveNoFailed().hasSize(3).hasSize(4);
        assertThat(softly.errorsCollected()).hasSize(2);
    }

    @Test
    void filtersNarrow() throws Exception {
        ConnectionRecord dns = new Receipt(1)
                .of("kube-system/dns", "53/UDP", true)
                .from("127.0.0.8", 5353)
                .on("dns-1")
                .made();
        Receipts all = Receipts.of(List.of(
                new Receipt(1).on("web-1").made(), new Receipt(2).on("web-2").made(), dns));
        assertThat(all).hasSize(3);
        assertThat(all).ofPort("http").hasSize(2);
        assertThat(all).ofPort("53/UDP").areAllOn("dns-1");
        assertThat(all).from(InetAddress.getByName("127.0.0.9")).hasSize(2);
        assertThat(all)
                .from(new InetSocketAddress("127.0.0.8", 5353))
                .hasSize(1)
                .areAllOn("dns-1");
        assertThat(all).to("web-2").hasSize(1);
        assertThat(all)
                .startedBetween(Duration.ofMillis(10), Duration.ofMillis(20))
                .as("the end is not part of it")
                .hasSize(2);
        assertThat(all.ofPort("http").pods()).isEqualTo(all.pods());
    }

    @Test
    void connectionsAreAllOnOnePodOrNot() {
        assertThat(Receipt.each("web-1", "web-1")).areAllOnOnePod().areAllOn("web-1");
        fails(() -> assertThat(Receipt.each("web-2", "web-1")).areAllOnOnePod())
                .hasMessageStartingWith("expected all of 2 connections on one Pod, but they are on web-1, web-2\n");
        fails(() -> assertThat(Receipt.each("web-2", "web-1")).areAllOn("web-1"))
                .hasMessageStartingWith("expected all of 2 connections on web-1, but 1 is not\n");
        fails(() -> assertThat(receipts).areAllOnOnePod()).hasMessageContaining("they are on (none), web-1, web-3\n");
        fails(() -> assertThat(List.<ConnectionRecord>of()).areAllOnOnePod())
                .hasMessage("expected all of 0 connections on one Pod, but there is none\n");
        fails(() -> assertThat(List.<ConnectionRecord>of()).areAllOn("web-1"))
                .hasMessage("expected all of 0 connections on web-1, but there is none\n");
    }

    @Test
    void aConnectionToNoneIsOnNoPod() {
        List<ConnectionRecord> none =
                List.of(new Receipt(1).ended("no-backend", true).made());
        fails(() -> assertThat(none).areAllOnOnePod()).hasMessageContaining("they are on (none)");
    }

    @Test
    void anEndpointWithoutAPodIsCalledByItsAddress() {
        InetSocketAddress outside = new InetSocketAddress("192.0.2.7", 443);
        List<ConnectionRecord> records = List.of(new Receipt(1)
                .among("192.0.2.7:443")
                .on(null, outside, "the only candidate left")
                .made());
        assertThat(records).areAllOn("192.0.2.7:443");
    }

    @Test
    void aPodThatWasTriedInVainWasTouchedButNotConnectedTo() {
        assertThat(receipts).neverConnectedTo("web-2").neverTouched("web-4");
        fails(() -> assertThat(receipts).neverTouched("web-2"))
                .hasMessageStartingWith("Service shop/web: expected no try of web-2, but 2 of 3 tried it\n");
        fails(() -> assertThat(receipts).neverConnectedTo("web-3"))
                .hasMessageStartingWith("Service shop/web: expected no connection on web-3, but 1 of 3 were\n");
    }

    @Test
    void retriesAreTheTriesAfterTheFirst() {
        assertThat(receipts).wereRetriedAtMost(1);
        assertThat(Receipt.each("web-1")).wereRetriedAtMost(0);
        fails(() -> assertThat(receipts).wereRetriedAtMost(0))
                .hasMessageStartingWith(
                        "Service shop/web: expected at most 0 retries of each connection, but 2 of 3 had more\n");
    }

    @Test
    void allEndedSoOrNot() {
        assertThat(Receipt.each("web-1", "web-2")).endedWith("client-closed").haveNoFailed();
        fails(() -> assertThat(receipts).endedWith("client-closed"))
                .hasMessageStartingWith(
                        "Service shop/web: expected all of 3 connections to have ended with client-closed, but 1 is"
                                + " not\n");
        List<ConnectionRecord> open =
                List.of(new Receipt(1).on("web-1").ended(null, false).made());
        assertThat(open).haveNoFailed();
        fails(() -> assertThat(open).endedWith("client-closed")).hasMessageContaining("open");
    }

    @Test
    void aPodIsDrainedIfNothingArrivesLaterAndAllEndInTime() {
        Duration began = SECOND.multipliedBy(10);
        ConnectionRecord inTime = new Receipt(1)
                .on("web-1")
                .at(began, SECOND)
                .ended("drained", false)
                .made();
        ConnectionRecord elsewhere = new Receipt(2)
                .on("web-2")
                .at(began.plus(SECOND), SECOND.multipliedBy(99))
                .made();
        assertThat(List.of(inTime, elsewhere)).drainedWithin("web-1", SECOND, began);

        ConnectionRecord late =
                new Receipt(3).on("web-1").at(began.plusNanos(1), Receipt.MILLI).made();
        ConnectionRecord slow =
                new Receipt(4).on("web-1").at(SECOND, SECOND.multipliedBy(11)).made();
        ConnectionRecord open =
                new Receipt(5).on("web-1").at(SECOND, SECOND).ended(null, false).made();
        fails(() -> assertThat(List.of(inTime, late, slow, open)).drainedWithin("web-1", SECOND, began))
                .hasMessageStartingWith("expected web-1 to be drained within 1.000 s from 10.000 s on, but 1 of its"
                        + " connections arrived later and 2 had not ended by 11.000 s\n");
        fails(() -> assertThat(List.of(inTime)).drainedWithin("wbe-1", SECOND, began))
                .hasMessageContaining("but that is none of its Pods: web-1, web-2, web-3\n");
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> fails(ThrowingCallable call) {
        return assertThatThrownBy(call).isInstanceOf(AssertionError.class);
    }
}
