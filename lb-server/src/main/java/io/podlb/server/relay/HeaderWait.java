package io.podlb.server.relay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.podlb.server.proxy.ProxyHeader;
import io.podlb.server.proxy.ProxyHeaderReader;
import io.podlb.server.service.EndReason;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wait for the header of the PROXY protocol that a trusted proxy has to begin its stream with. It takes as long as
 * all connects of a connection may take together, and no longer. The bytes behind the header belong to the stream.
 *
 * <p>Thread rule: the event loop of its session.
 */
final class HeaderWait extends TimerWheel.Timer {

    private static final Logger logger = LoggerFactory.getLogger(HeaderWait.class);

    private final Session session;
    private final Side client;
    private final Decision.Rule rule;

    HeaderWait(Session session, Side client, Decision.Rule rule) {
        this.session = session;
        this.client = client;
        this.rule = rule;
    }

    void begin() {
        RelayLoop loop = session.loop();
        loop.wheel().schedule(this, loop.settings().connectBudgetNanos());
        client.readEarly();
    }

    /** More of the stream is there. */
    void look() {
        Deque<ByteBuf> came = client.cameEarly();
        ByteBuf early = gather(came);
        ProxyHeader header;
        try {
            header = ProxyHeaderReader.read(early);
        } catch (IllegalArgumentException e) {
            logger.debug("{} from {}: {}", session.port(), session.clientAddress(), e.getMessage());
            session.end(EndReason.PROXY_INVALID);
            return;
        }
        if (header == null) {
            client.readEarly();
            return;
        }
        cancel();
        if (!early.isReadable()) {
            came.remove(early); // the header was all of it
            early.release();
        }
        session.identified(header.announced(), rule);
    }

    /** All of it in one buffer, which stays there. */
    private static ByteBuf gather(Deque<ByteBuf> came) {
        if (came.size() > 1) {
            ByteBuf all = ByteBufAllocator.DEFAULT.directBuffer();
            for (ByteBuf part = came.poll(); part != null; part = came.poll()) {
                all.writeBytes(part);
                part.release();
            }
            came.add(all);
        }
        return came.element();
    }

    @Override
    void expired() {
        session.end(EndReason.PROXY_TIMEOUT);
    }

    void cancel() {
        session.loop().wheel().cancel(this);
    }
}
