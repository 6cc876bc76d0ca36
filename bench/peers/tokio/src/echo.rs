//! The echo server.
use crate::measure::{answer_usage, Args};
use crate::run;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::runtime::Runtime;

async fn serve(mut stream: TcpStream) {
    let mut bytes = [0; 2048];
    while let Ok(count) = stream.read(&mut bytes).await {
        if count == 0 || stream.write_all(&bytes[..count]).await.is_err() {
            break;
        }
    }
}

pub fn echo(runtime: &Runtime, args: &Args) {
    let port = args.number("port", 0) as u16;

    run(runtime, async move {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], port).into()).unwrap();
        let listener = socket.listen(libc::SOMAXCONN as u32).unwrap();
        println!("port {} -", listener.local_addr().unwrap().port());
        answer_usage();
        loop {
            // Out of descriptors, say: the next one may do.
            if let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream));
            }
        }
    });
}
