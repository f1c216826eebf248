package io.podlb.server.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DnsMessageTest {

    private static final byte[] WWW = Dns.question("www.example", 1);

    private record Row(String what, boolean request, byte[]... parts) {}

    private static final List<Row> ROWS = List.of(
            new Row("a question", true, Dns.header(7, 0x0100, 1, 0, 0, 0), WWW),
            new Row("a question and an OPT-like record", true, Dns.header(7, 0x0100, 1, 0, 0, 1), WWW, Dns.record("x")),
            new Row("a question for the root", true, Dns.header(7, 0, 1, 0, 0, 0), new byte[] {0, 0, 2, 0, 1}),
            new Row("no question, RFC 7873", true, Dns.header(7, 0, 0, 0, 0, 1), Dns.record("cookie")),
            new Row("a header alone", true, Dns.header(7, 0, 0, 0, 0, 0)),
            new Row("an update, RFC 2136", true, Dns.header(7, 0x2800, 1, 0, 1, 0), WWW, Dns.record("new")),
            new Row("a record whose name points", true, Dns.header(7, 0, 1, 0, 0, 1), WWW, pointing(0xc0, 12)),
            new Row("an answer", false, Dns.header(7, 0x8180, 1, 0, 0, 0), WWW),
            new Row("two questions, RFC 9619", false, Dns.header(7, 0, 2, 0, 0, 0), WWW, WWW),
            new Row("a question that is missing", false, Dns.header(7, 0, 1, 0, 0, 0)),
            new Row("a question cut", false, Dns.header(7, 0, 1, 0, 0, 0), new byte[] {3, 'w', 'w', 'w', 0, 0, 1, 0}),
            new Row("a name without an end", false, Dns.header(7, 0, 1, 0, 0, 0), new byte[] {3, 'w', 'w', 'w'}),
            new Row("a label beyond the end", false, Dns.header(7, 0, 1, 0, 0, 0), new byte[] {63, 'w', 0, 0, 1, 0, 1}),
            new Row("a question that points", false, Dns.header(7, 0, 1, 0, 0, 0), pointing(0xc0, 12)),
            new Row("a label of no known kind", false, Dns.header(7, 0, 0, 0, 0, 1), pointing(0x80, 12)),
            new Row("a record that is missing", false, Dns.header(7, 0, 1, 0, 0, 1), WWW),
            new Row("a record too many", false, Dns.header(7, 0, 1, 0, 0, 0), WWW, Dns.record("x")),
            new Row("bytes behind the end", false, Dns.header(7, 0, 1, 0, 0, 0), WWW, new byte[] {0}),
            new Row("counts that nobody fills", false, Dns.header(7, 0, 1, 0xffff, 0xffff, 0xffff), WWW),
            new Row("eleven bytes", false, new byte[11]),
            new Row("nothing", false),
            new Row("a request of NTP", false, new byte[] {0x23}, new byte[47]),
            new Row("words", false, "please answer this".getBytes(StandardCharsets.US_ASCII)));

    @Test
    void onlyAWellFormedRequestIsOne() {
        for (Row row : ROWS) {
            // As in the middle of a receive buffer, with something before and behind.
            ByteBuf message = Unpooled.buffer().writeZero(5).readerIndex(5);
            for (byte[] part : row.parts) {
                message.writeBytes(part);
            }
            assertThat(DnsMessage.isRequest(message)).as(row.what).isEqualTo(row.request);
            assertThat(message.readerIndex()).isEqualTo(5);
        }
    }

    @Test
    void noBytesAreTooStrange() {
        Random random = new Random(42);
        byte[] good = Dns.request(1, "www.example.org", "text");
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes = good.clone();
            for (int j = random.nextInt(4); j >= 0; j--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            ByteBuf message = Unpooled.wrappedBuffer(bytes, 0, random.nextInt(bytes.length + 1));
            if (DnsMessage.isRequest(message)) {
                byte[] head = DnsMessage.head(message);
                message.setByte(2, message.getByte(2) | 0x80);
                assertThat(DnsMessage.answers(message, head)).isTrue();
            }
            DnsMessage.answers(Unpooled.wrappedBuffer(good), bytes);
        }
    }

    private record Answer(String what, boolean matches, byte[] request, byte[]... answer) {}

    private static final byte[] REQUEST = join(Dns.header(7, 0x0100, 1, 0, 0, 0), WWW);
    private static final byte[] UPDATE = join(Dns.header(7, 0x2800, 1, 0, 0, 0), WWW);
    private static final byte[] NO_QUESTION = Dns.header(7, 0, 0, 0, 0, 0);

    private static final List<Answer> ANSWERS = List.of(
            new Answer("the question", true, REQUEST, Dns.header(7, 0x8180, 1, 0, 0, 0), WWW),
            new Answer("a record more", true, REQUEST, Dns.header(7, 0x8180, 1, 1, 0, 0), WWW, Dns.record("x")),
            new Answer(
                    "RFC 4343 another case",
                    true,
                    REQUEST,
                    Dns.header(7, 0x8180, 1, 0, 0, 0),
                    Dns.question("wWw.EXAMPLE", 1)),
            new Answer(
                    "another name", false, REQUEST, Dns.header(7, 0x8180, 1, 0, 0, 0), Dns.question("wwx.example", 1)),
            new Answer(
                    "another type", false, REQUEST, Dns.header(7, 0x8180, 1, 0, 0, 0), Dns.question("www.example", 28)),
            new Answer("a shorter name", false, REQUEST, Dns.header(7, 0x8180, 1, 0, 0, 0), Dns.question("www", 1)),
            new Answer("two questions", false, REQUEST, Dns.header(7, 0x8180, 2, 0, 0, 0), WWW, WWW),
            new Answer("no question and no error", false, REQUEST, Dns.header(7, 0x8180, 0, 0, 0, 0)),
            new Answer("no question and FORMERR", true, REQUEST, Dns.header(7, 0x8181, 0, 0, 0, 0)),
            new Answer("another operation", false, REQUEST, Dns.header(7, 0xa980, 1, 0, 0, 0), WWW),
            new Answer("RFC 2136 3.8 an update's header", true, UPDATE, Dns.header(7, 0xa800, 0, 0, 0, 0)),
            new Answer("another zone", false, UPDATE, Dns.header(7, 0xa800, 1, 0, 0, 0), Dns.question("other", 1)),
            new Answer("none asked, none given", true, NO_QUESTION, Dns.header(7, 0x8000, 0, 0, 0, 0)),
            new Answer("none asked, one given", false, NO_QUESTION, Dns.header(7, 0x8000, 1, 0, 0, 0), WWW));

    @Test
    void anAnswerRepeatsTheQuestion() {
        for (Answer row : ANSWERS) {
            ByteBuf request = Unpooled.wrappedBuffer(row.request);
            assertThat(DnsMessage.isRequest(request)).isTrue();
            ByteBuf answer = Unpooled.wrappedBuffer(join(row.answer));
            assertThat(DnsMessage.isAnswer(answer)).as(row.what).isTrue();
            assertThat(DnsMessage.answers(answer, DnsMessage.head(request)))
                    .as(row.what)
                    .isEqualTo(row.matches);
        }
    }

    @Test
    void typesAreNoLetters() {
        // Type 65 (HTTPS) and type 97 are "A" and "a".
        byte[] request = join(Dns.header(7, 0, 1, 0, 0, 0), Dns.question("www", 65));
        byte[] answer = join(Dns.header(7, 0x8000, 1, 0, 0, 0), Dns.question("www", 97));
        assertThat(DnsMessage.answers(Unpooled.wrappedBuffer(answer), DnsMessage.head(Unpooled.wrappedBuffer(request))))
                .isFalse();
    }

    private static byte[] pointing(int high, int low) {
        byte[] record = Dns.record("x");
        byte[] pointing = new byte[record.length + 1];
        pointing[0] = (byte) high;
        pointing[1] = (byte) low;
        System.arraycopy(record, 1, pointing, 2, record.length - 1);
        return pointing;
    }

    private static byte[] join(byte[]... parts) {
        ByteBuf all = Unpooled.wrappedBuffer(parts);
        byte[] bytes = new byte[all.readableBytes()];
        all.readBytes(bytes);
        return bytes;
    }
}
