package io.podlb.server.relay;

import static io.podlb.server.UdpRig.descriptors;
import static io.podlb.server.UdpRig.ended;
import static io.podlb.server.UdpRig.flows;
import static io.podlb.server.UdpRig.frontend;
import static io.podlb.server.UdpRig.openFlows;
import static io.podlb.server.UdpRig.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.LogLines;
import io.podlb.server.Rig;
import io.podlb.server.UdpBackend;
import io.podlb.server.UdpClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Datagrams from very many source addresses and ports, over real sockets: every address of 127/8 is there to be bound.
 * {@code -Dpodlb.flood.sources=1000000} makes it a million, against the default table; that takes minutes.
 */
class UdpFloodTest {

    private static final int SOURCES = Integer.getInteger("podlb.flood.sources", 6_000);
    private static final int MAX_FLOWS = Math.min(32_768, SOURCES / 4);
    private static final int BATCH = 250; // what fits into the smallest receive buffer of a front end
    private static final int FIRST_PORT = 1024;
    private static final int PORTS = 30_000; // of each address, below those that the kernel hands out

    @Test
    void establishedFlowsWorkOnThroughoutAndNothingGrows() throws Exception {
        List<UdpClient> clients = new ArrayList<>();
        try (LogLines log = LogLines.of(FullTableLog.class);
                UdpBackend backend = UdpBackend.sayingIfAsked("one");
                Rig rig = Rig.start(
                        LoadBalancerConfig.builder().udpMaxFlows(MAX_FLOWS).udpIdleTimeout(Duration.ofHours(1)))) {
            rig.apply(spec(frontend(rig), backend.spec()));
            List<String> before = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                UdpClient client = UdpClient.of(rig.address());
                clients.add(client);
                before.add(client.ask("please"));
                assertThat(client.ask("please")).isEqualTo(before.get(i));
            }
            long descriptors = descriptors();
            long most = 0;
            for (int sent = 0; sent < SOURCES; sent += BATCH) {
                for (int i = sent; i < sent + BATCH; i++) {
                    send(i, rig.address());
                }
                // Its datagram is behind those of the flood, so that they have been handled when it is answered.
                int one = sent / BATCH % clients.size();
                assertThat(clients.get(one).ask("please")).as("the same flow").isEqualTo(before.get(one));
                most = Math.max(most, descriptors() - descriptors);
            }
            long open = openFlows(rig);
            assertThat(flows(rig)).as("nearly all arrived").isGreaterThan(SOURCES * 9L / 10);
            assertThat(open).isLessThanOrEqualTo(MAX_FLOWS);
            assertThat(ended(rig, "evicted")).isEqualTo(flows(rig) - open);
            assertThat(most).as("a descriptor for each flow").isLessThanOrEqualTo(open + 8);
            assertThat(log.lines()).isNotEmpty().hasSizeLessThanOrEqualTo(1 + SOURCES / 10_000); // a minute each
        } finally {
            clients.forEach(UdpClient::close);
        }
    }

    /** One datagram from a source that no other number has. */
    private static void send(int number, InetSocketAddress to) throws IOException {
        byte[] address = {127, 77, (byte) (number / PORTS), 1};
        InetSocketAddress from = new InetSocketAddress(InetAddress.getByAddress(address), FIRST_PORT + number % PORTS);
        try (DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET)) {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true).bind(from);
            channel.send(ByteBuffer.wrap(new byte[] {'?'}), to);
        }
    }
}
