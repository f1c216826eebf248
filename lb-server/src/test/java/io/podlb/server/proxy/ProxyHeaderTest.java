package io.podlb.server.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.podlb.server.proxy.ProxyHeader.Announced;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Headers by the letter of the specification: what they say, where they end, and what is none. */
class ProxyHeaderTest {

    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
    private static final String ADDRESSES_4 = "c0000201 c6336402 d431 01bb";
    private static final String ADDRESSES_6 =
            "20010db8000000000000000000000001 20010db8000000000000000000000002 d431 01bb";

    private static ByteBuf line(String text) {
        return Unpooled.copiedBuffer(text.replace("\\r", "\r").replace("\\n", "\n"), StandardCharsets.ISO_8859_1);
    }

    private static ByteBuf hex(String text) {
        String digits = text.replace("SIG", SIGNATURE)
                .replace("A4", ADDRESSES_4)
                .replace("A6", ADDRESSES_6)
                .replaceAll("[0-9a-f]{2}\\*(\\d+)", "00*$1")
                .replace(" ", "");
        while (digits.contains("00*")) {
            int at = digits.indexOf("00*");
            int end = at + 3;
            while (end < digits.length() && Character.isDigit(digits.charAt(end)) && end < at + 6) {
                end++;
            }
            digits = digits.substring(0, at)
                    + "00".repeat(Integer.parseInt(digits.substring(at + 3, end)))
                    + digits.substring(end);
        }
        return Unpooled.wrappedBuffer(HexFormat.of().parseHex(digits));
    }

    private static void reads(ByteBuf whole, String source, String destination) {
        int length = whole.readableBytes();
        for (int known = 0; known < length; known++) {
            assertThat(ProxyHeaderReader.read(whole.slice(0, known)))
                    .as("the first %s bytes", known)
                    .isNull();
        }
        ByteBuf stream = Unpooled.wrappedBuffer(whole, Unpooled.copiedBuffer("GET", StandardCharsets.US_ASCII));
        ProxyHeader header = ProxyHeaderReader.read(stream);
        assertThat(header).isNotNull();
        assertThat(stream.toString(StandardCharsets.US_ASCII)).isEqualTo("GET");
        Announced announced = header.announced();
        assertThat(announced == null ? null : announced.source().toString()).isEqualTo(source);
        assertThat(announced == null ? null : announced.destination().toString())
                .isEqualTo(destination);
        stream.release();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            PROXY TCP4 192.0.2.1 198.51.100.2 54321 443\\r\\n | 192.0.2.1:54321 | 198.51.100.2:443
            PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\\r\\n | 255.255.255.255:65535 | 255.255.255.255:65535
            PROXY TCP4 0.0.0.0 0.0.0.0 0 0\\r\\n | 0.0.0.0:0 | 0.0.0.0:0
            PROXY TCP6 2001:db8::1 ::1 1 2\\r\\n | [2001:db8:0:0:0:0:0:1]:1 | [0:0:0:0:0:0:0:1]:2
            PROXY TCP6 ::ffff:192.0.2.1 2001:DB8::2 1 2\\r\\n | 192.0.2.1:1 | [2001:db8:0:0:0:0:0:2]:2
            PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\\r\\n | [ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535 | [ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535
            PROXY UNKNOWN\\r\\n | |
            PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\\r\\n | |
            """)
    void aLineOfVersion1SaysBothAddresses(String line, String source, String destination) {
        reads(line(line), source, destination);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            SIG 21 11 000c A4 | 192.0.2.1:54321 | 198.51.100.2:443
            SIG 21 21 0024 A6 | [2001:db8:0:0:0:0:0:1]:54321 | [2001:db8:0:0:0:0:0:2]:443
            SIG 21 11 0013 A4 04 0004 00000000 | 192.0.2.1:54321 | 198.51.100.2:443
            SIG 21 11 000f A4 e5 0000 | 192.0.2.1:54321 | 198.51.100.2:443
            SIG 21 00 0000 | |
            SIG 21 00 0003 04 0000 | |
            SIG 21 12 000c A4 | |
            SIG 21 22 0024 A6 | |
            SIG 21 31 00d8 00*216 | |
            SIG 21 32 00d8 00*216 | |
            SIG 20 00 0000 | |
            SIG 20 11 000c A4 | |
            SIG 20 ff 0005 0102030405 | |
            """)
    void aHeaderOfVersion2SaysBothAddressesOrThatTheConnectionIsTheProxysOwn(
            String digits, String source, String destination) {
        reads(hex(digits), source, destination);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET / HTTP/1.1\\r\\n | the stream begins with no PROXY protocol header
            PROXX | the stream begins with no PROXY protocol header
            proxy TCP4 192.0.2.1 198.51.100.2 1 2\\r\\n | the stream begins with no PROXY protocol header
            PROXY TCP4 192.0.2.1 198.51.100.2 1 2\\n | a line feed without a carriage return before it
            PROXY  TCP4 192.0.2.1 198.51.100.2 1 2\\r\\n | a malformed line (expected: PROXY TCP4|TCP6 source destination port port, or UNKNOWN)
            PROXY TCP4 192.0.2.1 198.51.100.2 1\\r\\n | a malformed line
            PROXY TCP4 192.0.2.1 198.51.100.2 1 2 \\r\\n | a malformed line
            PROXY UDP4 192.0.2.1 198.51.100.2 1 2\\r\\n | a malformed line
            PROXY \\r\\n | a malformed line
            PROXY TCP4 192.0.2.1 198.51.100.2 01 2\\r\\n | a malformed port
            PROXY TCP4 192.0.2.1 198.51.100.2 1 65536\\r\\n | a malformed port
            PROXY TCP4 192.0.2.1 198.51.100.2 -1 2\\r\\n | a malformed port
            PROXY TCP4 192.0.2.1 198.51.100.2 1 2\\r\\r\\n | a malformed port
            PROXY TCP4 192.0.2.01 198.51.100.2 1 2\\r\\n | "192.0.2.01" is no IP address
            PROXY TCP4 example.org 198.51.100.2 1 2\\r\\n | "example.org" is no IP address
            PROXY TCP4 2001:db8::1 198.51.100.2 1 2\\r\\n | an address of the wrong family
            PROXY TCP6 192.0.2.1 2001:db8::1 1 2\\r\\n | an address of the wrong family
            PROXY TCP6 2001:db8:::1 2001:db8::1 1 2\\r\\n | "2001:db8:::1" is no IP address
            PROXY TCP6 fe80::1%eth0 2001:db8::1 1 2\\r\\n | "fe80::1%eth0" is no IP address
            PROXY UNKNOWN 12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012\\r\\n | no line end within 107 bytes
            """)
    void whatIsNoLineOfVersion1IsRefused(String line, String why) {
        assertThatThrownBy(() -> ProxyHeaderReader.read(line(line)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(why.replace("\\r", "\r"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0d0a0d0b | the stream begins with no PROXY protocol header
            SIG 11 11 000c | version and command 0x11 (expected: 0x20 or 0x21)
            SIG 22 11 000c | version and command 0x22 (expected: 0x20 or 0x21)
            SIG 21 10 000c | an undefined family 0x10
            SIG 21 01 0000 | an undefined family 0x01
            SIG 21 13 000c | an undefined family 0x13
            SIG 21 41 000c | an undefined family 0x41
            SIG 21 11 000b | a header that ends within its addresses
            SIG 21 21 000c | a header that ends within its addresses
            SIG 21 31 00d7 | a header that ends within its addresses
            SIG 21 11 0ff1 | a header of 4097 bytes (expected: at most 4096)
            SIG 20 00 ffff | a header of 65551 bytes (expected: at most 4096)
            SIG 21 11 000d A4 04 | a field that ends beyond the header
            SIG 21 11 000e A4 04 00 | a field that ends beyond the header
            SIG 21 11 0010 A4 04 0002 00 | a field that ends beyond the header
            SIG 21 11 0012 A4 03 0003 000000 | a malformed CRC32c
            SIG 21 11 0013 A4 03 0004 00000000 | a CRC32c that does not match
            SIG 21 00 0007 03 0004 00000000 | a CRC32c that does not match
            """)
    void whatIsNoHeaderOfVersion2IsRefusedAsSoonAsThatShows(String digits, String why) {
        assertThatThrownBy(() -> ProxyHeaderReader.read(hex(digits)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(why);
    }

    static Stream<SocketAddressSpec[]> connections() {
        return Stream.of(
                new SocketAddressSpec[] {at("192.0.2.1", 54321), at("198.51.100.2", 443)},
                new SocketAddressSpec[] {at("2001:db8::1", 1), at("fd00::2", 65535)},
                new SocketAddressSpec[] {at("2001:db8::1", 1), at("198.51.100.2", 443)});
    }

    private static SocketAddressSpec at(String address, int port) {
        return new SocketAddressSpec(InetAddresses.parse(address), port);
    }

    @ParameterizedTest
    @MethodSource("connections")
    void whatIsWrittenIsRead(SocketAddressSpec source, SocketAddressSpec destination) {
        boolean mixed = source.family() != destination.family();
        String from = mixed ? null : source.toString();
        String to = mixed ? null : destination.toString();
        reads(ProxyHeaderWriter.v1(source, destination), from, to);
        ServicePortName port = new ServicePortName("default", "web", "http", Protocol.TCP, IpFamily.IPV4);
        reads(ProxyHeaderWriter.v2(source, destination, 7, port), from, to);
    }
}
