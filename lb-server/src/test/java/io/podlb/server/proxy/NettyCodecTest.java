package io.podlb.server.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyMessageEncoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.netty.handler.codec.haproxy.HAProxyTLV;
import io.podlb.server.proxy.ProxyHeader.Announced;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Our headers against Netty's codec, over random connections. */
class NettyCodecTest {

    private static final int ROUNDS = 2_000;

    private final Random random = new Random(20_240_817);

    private SocketAddressSpec address(boolean ipv6) {
        byte[] bytes = new byte[ipv6 ? 16 : 4];
        random.nextBytes(bytes);
        try {
            return new SocketAddressSpec(InetAddress.getByAddress(bytes), random.nextInt(65536));
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** What Netty reads; null if that is no header to it. */
    private static @Nullable HAProxyMessage decoded(ByteBuf bytes) {
        EmbeddedChannel channel = new EmbeddedChannel(new HAProxyMessageDecoder(true));
        try {
            channel.writeInbound(bytes.retain());
            return channel.readInbound();
        } catch (DecoderException refused) {
            return null; // the answer to the question
        } finally {
            channel.finishAndReleaseAll();
        }
    }

    private static ByteBuf encoded(HAProxyMessage message) {
        EmbeddedChannel channel = new EmbeddedChannel(HAProxyMessageEncoder.INSTANCE);
        channel.writeOutbound(message);
        ByteBuf bytes = channel.readOutbound();
        channel.finishAndReleaseAll();
        return bytes;
    }

    private static Announced announced(HAProxyMessage message) {
        return new Announced(
                new SocketAddressSpec(InetAddresses.parse(message.sourceAddress()), message.sourcePort()),
                new SocketAddressSpec(InetAddresses.parse(message.destinationAddress()), message.destinationPort()));
    }

    @Test
    void nettyReadsWhatWeWrite() {
        for (int round = 0; round < ROUNDS; round++) {
            boolean ipv6 = random.nextBoolean();
            SocketAddressSpec source = address(ipv6);
            SocketAddressSpec destination = address(ipv6);
            ServicePortName port = new ServicePortName("shop", "web", "http", Protocol.TCP, IpFamily.IPV4);
            for (ByteBuf header : List.of(
                    ProxyHeaderWriter.v1(source, destination),
                    ProxyHeaderWriter.v2(source, destination, round, port))) {
                HAProxyMessage message = decoded(header);
                assertThat(message).as(ByteBufUtil.hexDump(header)).isNotNull();
                assertThat(announced(message)).isEqualTo(new Announced(source, destination));
                if (message.protocolVersion() == HAProxyProtocolVersion.V2) {
                    assertThat(fields(message))
                            .isEqualTo(Map.of(0x05, "" + round, 0xE0, "shop", 0xE1, "web", 0xE2, "http"));
                }
                message.release();
                header.release();
            }
        }
    }

    /** All but the checksum, by number. */
    private static Map<Integer, String> fields(HAProxyMessage message) {
        Map<Integer, String> fields = new TreeMap<>();
        for (HAProxyTLV field : message.tlvs()) {
            if (field.typeByteValue() != V2.CRC32C) {
                fields.put(field.typeByteValue() & 0xff, field.content().toString(StandardCharsets.UTF_8));
            }
        }
        return fields;
    }

    private HAProxyMessage message() {
        boolean ipv6 = random.nextBoolean();
        SocketAddressSpec source = address(ipv6);
        SocketAddressSpec destination = address(ipv6);
        HAProxyProtocolVersion version = random.nextBoolean() ? HAProxyProtocolVersion.V1 : HAProxyProtocolVersion.V2;
        List<HAProxyTLV> fields = new ArrayList<>();
        int count = version == HAProxyProtocolVersion.V1 ? 0 : random.nextInt(3);
        for (int i = 0; i < count; i++) {
            byte[] value = new byte[random.nextInt(20)];
            random.nextBytes(value);
            fields.add(new HAProxyTLV((byte) (0xE0 + random.nextInt(16)), Unpooled.wrappedBuffer(value)));
        }
        return new HAProxyMessage(
                version,
                HAProxyCommand.PROXY,
                ipv6 ? HAProxyProxiedProtocol.TCP6 : HAProxyProxiedProtocol.TCP4,
                source.address().getHostAddress(),
                destination.address().getHostAddress(),
                source.port(),
                destination.port(),
                fields);
    }

    @Test
    void weReadWhatNettyWrites() {
        for (int round = 0; round < ROUNDS; round++) {
            HAProxyMessage message = message();
            Announced expected = announced(message);
            ByteBuf header = encoded(message);
            assertThat(ProxyHeaderReader.read(header)).isEqualTo(new ProxyHeader(expected));
            assertThat(header.isReadable()).isFalse();
            header.release();
        }
    }

    /** One byte is changed, or the header is cut short: what we take for a client's address is what Netty takes for it. */
    @Test
    void whereAHeaderIsDamagedWeAnnounceNothingThatNettyDoesNot() {
        int taken = 0;
        int refused = 0;
        for (int round = 0; round < 5 * ROUNDS; round++) {
            ByteBuf header = encoded(message());
            if (random.nextInt(10) == 0) {
                header.writerIndex(random.nextInt(header.readableBytes()));
            } else {
                header.setByte(random.nextInt(header.readableBytes()), random.nextInt(256));
            }
            ProxyHeader ours = read(header.duplicate());
            if (ours != null && ours.announced() != null) {
                HAProxyMessage message = decoded(header);
                assertThat(message).as(ByteBufUtil.hexDump(header)).isNotNull();
                assertThat(ours.announced()).isEqualTo(announced(message));
                message.release();
                taken++;
            } else {
                refused++;
            }
            header.release();
        }
        assertThat(taken).isGreaterThan(ROUNDS);
        assertThat(refused).isGreaterThan(ROUNDS);
    }

    private static @Nullable ProxyHeader read(ByteBuf bytes) {
        try {
            return ProxyHeaderReader.read(bytes);
        } catch (IllegalArgumentException refused) {
            return null; // the answer to the question
        }
    }
}
