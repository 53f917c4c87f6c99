//! Medians: what a row takes, what it takes above the first row of the same round, and the ratio.

pub struct Table {
    title: &'static str,
    rows: Vec<(String, Vec<u64>, Vec<u64>)>,
}

impl Table {
    pub fn new(title: &'static str) -> Self {
        println!("\n{title}");
        Self {
            title,
            rows: Vec::new(),
        }
    }

    /// Nanoseconds of a request in the server, and in the store's own process.
    pub fn add(&mut self, name: &str, own: u64, store: u64) {
        match self.rows.iter_mut().find(|(known, ..)| known == name) {
            Some((_, owns, stores)) => {
                owns.push(own);
                stores.push(store);
            }
            None => self.rows.push((name.to_owned(), vec![own], vec![store])),
        }
    }

    pub fn print(&self) {
        println!(
            "| {} | CPU µs | store's µs | above the first row | ratio to it |",
            self.title
        );
        println!("|---|---|---|---|---|");
        let Some((_, first, _)) = self.rows.first() else {
            return;
        };
        for (name, own, store) in &self.rows {
            let pairs = first.iter().zip(own);
            let pairs = pairs.map(|(first, own)| (*first as f64, *own as f64));
            let ratios = pairs.clone().map(|(first, own)| first / own);
            println!(
                "| {name} | {:.2} | {:.2} | {:.2} | {:.3} |",
                median(own.iter().map(|one| *one as f64 / 1000.0)),
                median(store.iter().map(|one| *one as f64 / 1000.0)),
                median(pairs.map(|(first, own)| (own - first) / 1000.0)),
                median(ratios),
            );
        }
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
