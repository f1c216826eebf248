package io.podlb.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.SocketAddressSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PlacesTest {

    private static final InetAddress LOCALHOST = InetAddresses.parse("127.0.0.1");
    private static final InetAddress WEB = InetAddresses.parse("10.96.0.80");

    /** Claims three blocks of each kind, says which, and waits for its end. */
    public static final class OtherProcess {
        public static void main(String[] args) throws IOException {
            List<Places> places = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                places.add(block());
                places.add(ports());
            }
            places.forEach(each -> System.out.println(each.place(WEB, 8080)));
            System.out.println("done");
            int unused = System.in.read();
        }
    }

    static Places block() {
        AddressBlock block = AddressBlock.claim();
        if (block == null) {
            throw new AssertionError("this system has no loopback address but 127.0.0.1");
        }
        return block;
    }

    static Places ports() {
        return PortBlock.claim(LOCALHOST);
    }

    static Stream<Places> kinds() {
        return Stream.of(block(), ports());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void anAddressKeepsItsPlaceUntilItIsReleased(Places places) {
        try (places) {
            SocketAddressSpec place = places.place(WEB, 8080);
            assertThat(places.place(WEB, 8080)).isEqualTo(place);
            assertThat(places.place(WEB, 8081)).isNotEqualTo(place);
            assertThat(places.place(InetAddresses.parse("10.96.0.81"), 8080)).isNotEqualTo(place);
            assertThat(places.place(InetAddresses.parse("fd00::1"), 8080)
                            .address()
                            .isLoopbackAddress())
                    .isTrue();
            places.release(WEB);
            assertThat(places.place(WEB, 8080)).isNotEqualTo(place); // the longest free is taken
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aBlockGrowsWhenItIsUsedUp(Places places) {
        try (places) {
            Set<SocketAddressSpec> all = new HashSet<>();
            for (int i = 0; i < 600; i++) {
                all.add(places.place(InetAddresses.parse("10.244." + (i >> 8) + "." + (i & 0xff)), 8080));
            }
            assertThat(all).hasSize(600);
        }
    }

    @Test
    void aPortThatIsTakenGivesWayToOneThatLooksLikeIt() throws IOException {
        try (Places places = block();
                ServerSocket taken = new ServerSocket()) {
            SocketAddressSpec first = places.place(WEB, 8080);
            taken.bind(new InetSocketAddress(first.address(), 8081));
            assertThat(places.place(WEB, 8081)).isEqualTo(new SocketAddressSpec(first.address(), 18_081));
        }
    }

    @Test
    void processesKeepOutOfEachOthersBlocksUntilTheyEnd() throws Exception {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        OtherProcess.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            List<SocketAddressSpec> theirs = claims(other);
            assertThat(theirs).hasSize(6);
            for (SocketAddressSpec claim : theirs) {
                assertThat(Places.hold(claim)).as("%s", claim).isNull();
            }
            other.destroyForcibly().waitFor();
            for (SocketAddressSpec claim : theirs) {
                try (DatagramSocket held = Places.hold(claim)) {
                    assertThat(held).as("%s", claim).isNotNull();
                }
            }
        } finally {
            other.destroyForcibly();
        }
    }

    /** What the other process holds, by the places that it has named. */
    private static List<SocketAddressSpec> claims(Process other) throws IOException {
        BufferedReader lines = other.inputReader(StandardCharsets.UTF_8);
        List<SocketAddressSpec> claims = new ArrayList<>();
        for (String line = lines.readLine(); line != null && !line.equals("done"); line = lines.readLine()) {
            String[] parts = line.split("[.:]");
            claims.add(
                    parts[1].equals("0")
                            ? new SocketAddressSpec(LOCALHOST, Integer.parseInt(parts[4]) - 1)
                            : new SocketAddressSpec(
                                    InetAddresses.parse("127." + parts[1] + "." + parts[2] + ".0"),
                                    AddressBlock.CLAIM_PORT));
        }
        return claims;
    }
}
