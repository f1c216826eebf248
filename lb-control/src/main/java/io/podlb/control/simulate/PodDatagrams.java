package io.podlb.control.simulate;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;

/**
 * Answers every datagram with a greeting and what it got behind that, cut to the largest datagram there is.
 */
final class PodDatagrams extends SimpleChannelInboundHandler<DatagramPacket> {

    /** Over IPv4. */
    private static final int MAX_PAYLOAD = 65_507;

    private final String greeting;

    PodDatagrams(String greeting) {
        this.greeting = greeting;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
        ByteBuf name = ByteBufUtil.writeUtf8(ctx.alloc(), greeting);
        ByteBuf answer = Unpooled.wrappedBuffer(name, packet.content().retain());
        if (answer.readableBytes() > MAX_PAYLOAD) {
            answer.writerIndex(answer.readerIndex() + MAX_PAYLOAD);
        }
        ctx.write(new DatagramPacket(answer, packet.sender()), ctx.voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // The port of a client that is gone is none of the others' business.
    }
}
